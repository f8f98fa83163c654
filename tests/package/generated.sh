#!/usr/bin/env bash
# What `plugin new` writes builds against the installed SDK, passes its own tests and the check.
source "$(dirname "$0")/sdk.sh"
cd "$work"

for name in Teaser 9lives a-b ../x "a b"; do
  refuses 64 'Expected a name' "$program" plugin new "$name" --dir bad
done
[ ! -e bad ] || fail "a bad name has left a directory"
mkdir taken && touch taken/file
refuses 73 'empty directory' "$program" plugin new teaser --dir taken
mkdir empty
expect "an empty directory is taken" "$program" plugin new teaser --dir empty >/dev/null

"$program" plugin new word_book >files.txt 2>next.txt
grep -q 'word_book/src/word_book.cpp' files.txt || fail "the files are not named"
grep -q 'ctest' next.txt || fail "the next steps are not named"
if grep -rq '{{name}}\|{{Class}}' word_book; then fail "something was not filled in"; fi

cmake -G Ninja -S word_book -B word_book/build -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_CXX_FLAGS='-Wall -Wextra -Werror' >configure.log || fail "$(cat configure.log)"
cmake --build word_book/build -j 2
ctest --test-dir word_book/build --output-on-failure
"$program" plugin check word_book/build/plugins/word_book.so || fail "the check"

# And a server runs its tasks.
exec 3< <(exec "$program" serve --data data --listen 127.0.0.1:0 --workers 1 \
  --plugins word_book/build/plugins 2>server.log)
server=$!
trap 'kill "$server"; wait "$server" || true' EXIT
read -r -t 60 -u 3 address || fail "the server does not say its address: $(cat server.log)"
export RUNLEDGER_TOKEN_FILE=data/admin-token RUNLEDGER_SERVER=${address##* }
until curl -fsS -o ready.txt "$RUNLEDGER_SERVER/readyz" 2>ready.log; do
  kill -0 "$server" 2>/dev/null || fail "the server has ended: $(cat server.log)"
  [ "$SECONDS" -lt 180 ] || fail "the server does not become ready: $(cat ready.log server.log)"
done
"$program" submit word_book --input '{"text": "one\ntwo"}' --wait --json >run.json ||
  fail "the run: $(cat run.json server.log)"
grep -q '"pages":2' run.json || fail "the output: $(cat run.json)"
