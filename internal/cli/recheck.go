package cli

import (
	"context"
	"reflect"

	"refundctl/internal/diag"
	"refundctl/schema"
)

// rememberFiles records which manifests were loaded, and the digest of their content.
func (w *work) rememberFiles(arguments []string, digest string) {
	w.digestRead = digest
	w.digestNow = func(ctx context.Context) (string, error) {
		all, err := w.project.paths(arguments)
		if err != nil {
			return "", err
		}
		return schema.Digest(ctx, all, schema.Options{Root: w.project.root})
	}
}

// recheckFiles fails if the configuration or the manifests are no longer what was read under the lock (R20):
// the person may have taken long to answer, and so may the reads. Changes after this check do not count for the
// run.
func (w *work) recheckFiles(ctx context.Context) error {
	config, problems, err := schema.LoadConfig(w.project.file)
	if err != nil || diag.HasError(problems) || !reflect.DeepEqual(config, w.project.written) {
		return changedMeanwhile("the configuration")
	}
	if w.digestNow == nil {
		return nil
	}
	switch now, err := w.digestNow(ctx); {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil || now != w.digestRead:
		return changedMeanwhile("a manifest")
	}
	return nil
}

func changedMeanwhile(what string) error {
	return fail(ExitError, "run it again to use the files as they are now", "nothing was sent: %s changed while this run was reading or waiting for an answer", what)
}
