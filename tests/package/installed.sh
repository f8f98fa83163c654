#!/usr/bin/env bash
# The installed SDK is whole and works from outside the tree, with CMake and without.
source "$(dirname "$0")/sdk.sh"

for file in include/runledger/plugin.h include/runledger/plugin.hpp include/runledger/testing.hpp \
  lib/cmake/Runledger/RunledgerConfig.cmake lib/cmake/Runledger/plugin.map \
  lib/pkgconfig/runledger-plugin.pc; do
  [ -f "$prefix/$file" ] || fail "$file is not installed"
done
[ ! -e "$prefix/bin" ] || fail "the SDK brings programs"

cmake -G Ninja -S "$source_dir/examples/hello_plugin" -B "$work/cmake" \
  -DCMAKE_PREFIX_PATH="$prefix" >"$work/configure.log" || fail "$(cat "$work/configure.log")"
cmake --build "$work/cmake"

mkdir -p "$work/by_hand"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
# shellcheck disable=SC2046
${CMAKE_CXX_COMPILER_LAUNCHER:-} g++ -std=c++20 $(pkg-config --cflags runledger-plugin) \
  -c "$source_dir/examples/hello_plugin/hello.cpp" -o "$work/hello.o"
# shellcheck disable=SC2046
g++ "$work/hello.o" $(pkg-config --libs runledger-plugin) -o "$work/by_hand/hello.so"

for plugins in "$work/cmake/plugins" "$work/by_hand"; do
  listed=$("$program" plugin list --plugins "$plugins" --json)
  [[ $listed == *'"name":"hello","version":"1.0.0"'* ]] || fail "it is not loaded: $listed"
  "$program" plugin check "$plugins/hello.so" || fail "the check of $plugins/hello.so"
done

# The program is a component of its own.
cmake --install "$build_dir" --component server --prefix "$work/server" >/dev/null
[ ! -e "$work/server/include" ] || fail "the server brings headers"
expect "the installed program runs" "$work/server/bin/runledger" --version
rm -r "$work/server"

# Another minor version is not taken for this one.
mkdir -p "$work/newer"
printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' 'project(newer NONE)' \
  'find_package(Runledger 0.2 REQUIRED)' >"$work/newer/CMakeLists.txt"
refuses 1 'Runledger' cmake -S "$work/newer" -B "$work/newer/build" -DCMAKE_PREFIX_PATH="$prefix"

# A directory with good and bad ones: each refusal says why, the others are loaded.
mkdir -p "$work/mixed"
cp "$work/by_hand/hello.so" "$work/mixed/hello.so"
cp "$work/by_hand/hello.so" "$work/mixed/open.so"
chmod o+w "$work/mixed/open.so"
cp "$work/by_hand/hello.so" "$work/mixed/second.so"
echo 'no library' >"$work/mixed/text.so"
for reason in 'open.so  refused: other users could change it' \
  'second.so  refused: task type hello is already that of' \
  'text.so  refused: not a loadable shared library' 'hello.so  hello 1.0.0'; do
  refuses 1 "$reason" "$program" plugin list --plugins "$work/mixed"
done
chmod o+w "$work/mixed"
refuses 1 "mixed  refused: other users could change it: chmod go-w $work/mixed" \
  "$program" plugin list --plugins "$work/mixed"
chmod o-w "$work/mixed"
refuses 2 'no directory' "$program" plugin list --plugins "$work/nowhere"
refuses 1 'fail  file            other users could change it' \
  "$program" plugin check "$work/mixed/open.so"
refuses 1 '"name":"symbols","status":"fail","detail":"it is no ELF file"' \
  "$program" plugin check "$work/mixed/text.so" --json
refuses 2 'is no file' "$program" plugin check "$work/nowhere.so"
refuses 64 'Expected --input' "$program" plugin check "$work/mixed/hello.so" --input hello
refuses 64 'Expected --resource' "$program" plugin check "$work/mixed/hello.so" --resource res_1
refuses 1 'nobody_there: There is nobody to greet' \
  "$program" plugin check "$work/mixed/hello.so" --input 'hello={"who":"nobody"}'
