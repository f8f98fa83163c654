# Sourced by the tests of this folder with SOURCE BUILD PROGRAM: installs the SDK into $prefix.
set -euo pipefail
source_dir=$1 build_dir=$2 program=$3
work=$build_dir/tests/package/$(basename "$0" .sh)
prefix=$work/prefix

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
expect() { # WHAT COMMAND...: the command succeeds
  local what=$1
  shift
  "$@" || fail "$what"
}
refuses() { # CODE TEXT COMMAND...: it exits with that code and says that
  local code=$1 text=$2 said got=0
  shift 2
  said=$("$@" 2>&1) || got=$?
  [ "$got" = "$code" ] || fail "expected exit code $code, got $got of: $* ($said)"
  [[ $said == *"$text"* ]] || fail "expected '$text' of: $* ($said)"
}

rm -rf "$work"
mkdir -p "$work"
cmake --install "$build_dir" --component sdk --prefix "$prefix" >/dev/null
umask 022 # a library that others may write is refused
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache
fi
