package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"

	"refundctl/internal/task"
)

// ServeHTTP answers requests under /pg and /router. A fault that drops the connection ends the handler with
// http.ErrAbortHandler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the request did not arrive completely
	}
	c := newCall(r.Method, r.URL.EscapedPath(), r.Header, body)
	a := s.serve(c)
	if a.lost {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), c.headers(a))
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.cut > 0 {
		_, err = w.Write(a.body[:a.cut])
		_ = errors.Join(err, http.NewResponseController(w).Flush()) // the connection is aborted next anyway
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(a.body) // a client that is gone misses the answer, as with the live API
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	return body, errors.Join(err, r.Body.Close())
}

// Transport returns a transport to the emulator in the same process, without a socket. A request whose context ends loses
// its answer but keeps its effect. A dropped connection is io.ErrUnexpectedEOF.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ s *Server }

// RoundTrip passes the request to the emulator, and waits for the answer or the end of the context.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	c := newCall(r.Method, r.URL.EscapedPath(), r.Header.Clone(), body)
	var a answer
	served := make(chan error, 1)
	task.Go(func() error { a = t.s.serve(c); return nil }, func(err error) { served <- err })
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case err := <-served:
		if err != nil {
			return nil, err
		}
		return c.response(r, a)
	}
}

func (c *call) response(r *http.Request, a answer) (*http.Response, error) {
	if a.lost {
		return nil, io.ErrUnexpectedEOF
	}
	var body io.Reader = bytes.NewReader(a.body)
	if a.cut > 0 {
		body = io.MultiReader(bytes.NewReader(a.body[:a.cut]), broken{})
	}
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: c.headers(a), Body: io.NopCloser(body), ContentLength: int64(len(a.body)), Request: r,
	}, nil
}

// broken is the rest of a body after the connection closed.
type broken struct{}

// Read reports that the connection is gone.
func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
