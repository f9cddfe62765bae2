#!/bin/sh
# Rehearses a bad day: the emulator loses answers before and after the money moved, stores errors,
# throttles requests and answers with garbage. apply runs until nothing is left to do; the first run is
# killed with SIGKILL. In the end, each refund must be at the API exactly once.
#
#   ./rehearse.sh [SEED]       refundctl must be in the PATH
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
sandbox=
trap '[ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null; rm -rf "$work"' EXIT
cp -r "$here/." "$work"
cd "$work"

faults=drop-after=0.15,drop-before=0.1,500-stored=0.1,500-after=0.1,502-html=0.05,truncate=0.1,429=0.1,read-500=0.05
export CASHFREE_CLIENT_ID=TESTrehearsal CASHFREE_CLIENT_SECRET=secret-of-the-rehearsal
: >sandbox.out
refundctl sandbox --orders sandbox.yaml --fault "$faults" --seed "${1:-1}" --latency 20ms >sandbox.out 2>&1 &
sandbox=$!
until grep -q '^listening on ' sandbox.out; do
  kill -0 "$sandbox" || { cat sandbox.out; exit 1; }
done
url=$(sed -n 's/^listening on //p' sandbox.out)
sed "s|http://127.0.0.1:18080|$url|" refundctl.yaml >config && mv config refundctl.yaml

echo "The first run is killed in the middle."
refundctl apply --auto-approve --json >events 2>errors &
run=$!
until [ "$(grep -c '"sent"' events)" -ge 3 ] || ! kill -0 "$run" 2>/dev/null; do :; done
kill -9 "$run" 2>/dev/null || true
wait "$run" 2>/dev/null || true

round=0
until refundctl apply --auto-approve >summary 2>errors; do
  code=$?
  round=$((round + 1))
  echo "Run $round ended with exit $code:"
  tail -n 5 summary
  [ "$round" -lt 40 ] || { cat errors; exit 1; }
done
echo "The last run has nothing left to do. A plan that reads every order at the emulator agrees:"
refundctl plan --refresh all | tail -n 3
sent=$(refundctl state list --json | grep -c '"phase":"\(accepted\|settled\)"')
echo "$sent of 24 refunds are at the API, each once."
[ "$sent" = 24 ]
refundctl state verify
