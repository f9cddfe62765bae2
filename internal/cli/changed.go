package cli

import (
	"context"
	"reflect"

	"refundctl/internal/diag"
	"refundctl/schema"
)

// reads records which manifests were loaded, and the digest of their content.
func (w *work) reads(arguments []string, digest string) {
	w.read = digest
	w.digest = func(ctx context.Context) (string, error) {
		all, err := w.project.paths(arguments)
		if err != nil {
			return "", err
		}
		return schema.Digest(ctx, all, schema.Options{Root: w.project.root})
	}
}

// unchanged fails if the configuration or the manifests are no longer what was read under the lock (R20):
// the person may have taken long to answer, and reading may have taken long. What happens after the
// check is what the files say, or it does not happen.
func (w *work) unchanged(ctx context.Context) error {
	config, problems, err := schema.LoadConfig(w.project.file)
	if err != nil || diag.HasError(problems) || !reflect.DeepEqual(config, w.project.written) {
		return changed("the configuration")
	}
	if w.digest == nil {
		return nil
	}
	switch now, err := w.digest(ctx); {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil || now != w.read:
		return changed("a manifest")
	}
	return nil
}

func changed(what string) error {
	return fail(ExitError, "run it again to use the files as they are now", "nothing was sent: %s changed while this run was reading or waiting for an answer", what)
}
