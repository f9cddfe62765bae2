package state
import ("testing";"syscall";"bytes";"context";"crypto/sha256";"time")
func cpu() time.Duration { var u syscall.Rusage; syscall.Getrusage(0,&u); return time.Duration(u.Utime.Nano()+u.Stime.Nano()) }
func TestCPU(t *testing.T){
 l := ledgerOf(t, 100000)
 for range 12 {
  a:=cpu(); w:=time.Now(); foldAll(context.Background(), bytes.NewReader(l)); b:=cpu(); ww:=time.Since(w)
  c:=cpu(); for range 1 { sha256.Sum256(l) }; d:=cpu()
  t.Log("fold cpu", b-a, "wall", ww, "sha", d-c, "ratio", int64(b-a)*10/int64(d-c))
 }
}
