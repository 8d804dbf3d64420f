#!/usr/bin/env bash
# Builds the native addon of @tensorflow/tfjs-node against the TensorFlow inside a Python wheel, for
# machines that reach npm and PyPI but not the host of the prebuilt libtensorflow and addon.
#
#   build-tfjs-node.sh [WORK_FOLDER]     default: $UNET_NATIVE_DIR, else unet-native-tfjs in the temporary folder
#
# Exit status: 0 built and checked (one line on stdout says what and where), 77 not possible on this machine
# (stderr says why), 1 failed. A second run reuses what the first left. The README beside this has the rest.
set -euo pipefail

readonly TFJS_VERSION=4.22.0
# tfjs-node skips its own download, and looks for no other library, where a file of this version lies.
readonly LIBTENSORFLOW_NAME=libtensorflow.so.2.9.1
readonly NODE_API_HEADERS_VERSION=1.9.0
# The version that the released addon is linked with, so that the kernels are those a user of it has.
readonly TF_VERSION=${UNET_NATIVE_TF:-2.9.1}
# Any Python that has this wheel will do: the library is unpacked, and no Python ever loads it.
readonly WHEEL_PYTHON=${UNET_NATIVE_WHEEL_PYTHON:-3.10}
readonly DOWNLOAD_SECONDS=600
readonly BUILD_SECONDS=600
readonly CHECK_SECONDS=120
readonly FREE_MIB_NEEDED=2000

# As Node's os.tmpdir() has it.
temporary=${TMPDIR:-${TMP:-${TEMP:-/tmp}}}
work=${1:-${UNET_NATIVE_DIR:-${temporary%/}/unet-native-tfjs}}

skip() {
  echo "skipped: $*" >&2
  exit 77
}

fail() {
  echo "failed: $*" >&2
  exit 1
}

note() {
  echo "$*" >&2
}

# What went wrong, from the exit status of a command and its log: the line that names the error, or the last one.
reason() {
  local status=$1 log=$2 found
  if [ "$status" = 124 ] || [ "$status" = 137 ]; then
    echo "stopped at the time limit"
    return
  fi
  found=$(grep -oiE -m 1 'connection broken by .*|request to http.*|network timeout.*|error: .*' "$log" ||
    grep -m 1 'npm error' "$log" || tail -n 1 "$log")
  cut -c1-300 <<<"$found"
}

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || skip "the wheel is for Linux on x86_64, not $(uname -sm)"
getconf GNU_LIBC_VERSION >/dev/null 2>&1 || skip 'the wheel needs glibc'
for tool in node npm python3 g++ nm timeout; do
  command -v "$tool" >/dev/null || skip "no $tool on the PATH"
done
python3 -m pip --version >/dev/null 2>&1 || skip 'python3 has no pip, which fetches the wheel'

mkdir -p "$work"
work=$(cd "$work" && pwd)
readonly work
readonly wheel=$work/tensorflow-$TF_VERSION
readonly addon_root=$work/node_modules/@tensorflow/tfjs-node

# Two runs at once would write the same files.
if command -v flock >/dev/null; then
  exec 9>"$work/.lock"
  flock -w "$DOWNLOAD_SECONDS" 9 || fail "another run holds $work/.lock"
fi

require_free_space() {
  local free
  free=$(df -Pm "$work" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$FREE_MIB_NEEDED" ] || skip "$work has $free MiB free, $FREE_MIB_NEEDED are needed"
}

install_package() {
  [ -f "$work/.npm-$TFJS_VERSION" ] && return
  require_free_space
  local log=$work/npm.log status=0
  printf '{ "name": "unet-native-tfjs", "private": true }\n' >"$work/package.json"
  note "installing @tensorflow/tfjs-node $TFJS_VERSION without its install script"
  (cd "$work" && timeout -k 10 "$DOWNLOAD_SECONDS" npm install --ignore-scripts --no-audit --no-fund \
    --no-package-lock --fetch-timeout=30000 --fetch-retries=1 --fetch-retry-mintimeout=1000 \
    "@tensorflow/tfjs-node@$TFJS_VERSION" "node-api-headers@$NODE_API_HEADERS_VERSION" >"$log" 2>&1) || status=$?
  [ "$status" = 0 ] || skip "the npm registry did not serve the package: $(reason "$status" "$log")"
  touch "$work/.npm-$TFJS_VERSION"
}

# The libraries and the C headers of the wheel; the rest of it (Python, Eigen, other headers) stays packed.
unpack_wheel() {
  python3 - "$1" "$2" <<'PYTHON'
import sys, zipfile

prefix = 'tensorflow/'
folders = tuple(prefix + 'include/' + folder for folder in (
    'tensorflow/c/', 'tensorflow/core/platform/', 'tensorflow/tsl/', 'tsl/', 'xla/tsl/'))
with zipfile.ZipFile(sys.argv[1]) as wheel:
    names = wheel.namelist()
    own = prefix + 'libtensorflow_cc.so.2'
    library = own if own in names else prefix + 'python/_pywrap_tensorflow_internal.so'
    kept = [name for name in names if name.startswith(folders)]
    wheel.extractall(sys.argv[2], kept + [library, prefix + 'libtensorflow_framework.so.2'])
PYTHON
}

fetch_wheel() {
  [ -d "$wheel" ] && return
  require_free_space
  local partial=$work/.tensorflow-partial log=$work/pip.log status=0
  rm -rf "$partial"
  mkdir -p "$partial/download"
  note "fetching the wheel of tensorflow-cpu $TF_VERSION (about 210 MB)"
  timeout -k 10 "$DOWNLOAD_SECONDS" python3 -m pip download --no-deps --only-binary=:all: --no-cache-dir \
    --retries 1 --timeout 30 --progress-bar off --python-version "$WHEEL_PYTHON" --platform manylinux2014_x86_64 \
    --platform manylinux_2_17_x86_64 --platform manylinux_2_27_x86_64 --dest "$partial/download" \
    "tensorflow-cpu==$TF_VERSION" >"$log" 2>&1 || status=$?
  if [ "$status" != 0 ]; then
    # An index that lists versions was reached: then the fault is the version asked for.
    if grep -q 'from versions: [0-9]' "$log"; then fail "pip: $(reason "$status" "$log")"; fi
    skip "PyPI did not serve the wheel: $(reason "$status" "$log")"
  fi
  unpack_wheel "$partial"/download/*.whl "$partial" 2>>"$log" ||
    fail "the wheel cannot be unpacked: $(tail -n 1 "$log")"
  # Renamed at the end, so that a folder of this name is always whole.
  mv "$partial/tensorflow" "$wheel"
  rm -rf "$partial"
}

# From 2.12 on, a wheel has the C API in a library of its own (libtensorflow_cc.so.2). Before, it lies in Python's
# extension module, which asks for about 190 symbols of Python when it is loaded. Nothing that the addon calls
# reaches them, so a library of empty ones lets it load without a Python.
build_python_symbols() {
  local module=$1 library=$2
  nm -D --undefined-only "$module" | awk '$2 ~ /^_?Py/ { print $2 }' | while read -r symbol; do
    case $symbol in
      *_Type | PyExc_* | _Py_*Struct) echo "char ${symbol}[512] __attribute__((aligned(16)));" ;;
      *) echo "void *${symbol}(void) { return 0; }" ;;
    esac
  done | nice g++ -w -O1 -fPIC -shared -x c -Wl,-soname,"$(basename "$library")" -o "$library" -
}

link_library() {
  local lib=$addon_root/deps/lib module=_pywrap_tensorflow_internal.so
  rm -rf "$addon_root/deps"
  mkdir -p "$lib"
  # Relative links: the work folder can be moved.
  ln -sr "$wheel/include" "$addon_root/deps/include"
  ln -sr "$wheel/libtensorflow_framework.so.2" "$lib/libtensorflow_framework.so.2"
  ln -sr "$wheel/libtensorflow_framework.so.2" "$lib/libtensorflow_framework.so"
  if [ -f "$wheel/libtensorflow_cc.so.2" ]; then
    ln -sr "$wheel/libtensorflow_cc.so.2" "$lib/libtensorflow_cc.so.2"
    ln -sr "$wheel/libtensorflow_cc.so.2" "$lib/libtensorflow.so"
    ln -sr "$wheel/libtensorflow_cc.so.2" "$lib/$LIBTENSORFLOW_NAME"
  else
    ln -sr "$wheel/python/$module" "$lib/$module"
    ln -sr "$wheel/python/$module" "$lib/$LIBTENSORFLOW_NAME"
    build_python_symbols "$lib/$module" "$lib/libpython_symbols.so"
    # For the linker, -ltensorflow is these two.
    echo "INPUT($module libpython_symbols.so)" >"$lib/libtensorflow.so"
  fi
}

# The package's own build, where Node's headers lie beside the node that runs. node-pre-gyp looks for node-gyp
# beside that node too, where npm need not be.
build_with_node_gyp() {
  (cd "$addon_root" && npm_config_nodedir=$1 npm_config_node_gyp=$2 JOBS=1 LDFLAGS=-Wl,--no-as-needed nice -n 10 \
    timeout -k 10 "$BUILD_SECONDS" "$work/node_modules/.bin/node-pre-gyp" install --build-from-source)
}

# What node-gyp would run, with the headers of Node-API from npm: the addon uses no other part of Node.
build_with_compiler() {
  mkdir -p "$addon_root/lib/napi-v8"
  (cd "$addon_root" && nice -n 10 timeout -k 10 "$BUILD_SECONDS" g++ -std=c++17 -O2 -fPIC -shared -DNAPI_VERSION=8 \
    -DBUILDING_NODE_EXTENSION -I "$work/node_modules/node-api-headers/include" -I deps/include \
    binding/tfjs_backend.cc binding/tfjs_binding.cc -o lib/napi-v8/tfjs_binding.node \
    -Wl,--no-as-needed -L deps/lib -ltensorflow -ltensorflow_framework "-Wl,-rpath,\$ORIGIN/../../deps/lib")
}

build_addon() {
  local built=$addon_root/.built-with log=$work/build.log status=0 prefix npm_folder node_gyp
  [ "$(cat "$built" 2>/dev/null || true)" = "$TF_VERSION" ] && return
  rm -rf "$built" "${addon_root:?}/lib" "$addon_root/build"
  link_library
  prefix=$(node -p "path.dirname(path.dirname(fs.realpathSync(process.execPath)))")
  npm_folder=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  node_gyp=$npm_folder/node_modules/node-gyp/bin/node-gyp.js
  if [ -f "$prefix/include/node/common.gypi" ] && [ -f "$node_gyp" ] && command -v make >/dev/null; then
    note "building the addon with node-gyp and the headers in $prefix/include/node"
    build_with_node_gyp "$prefix" "$node_gyp" >"$log" 2>&1 || status=$?
  else
    note 'building the addon with g++ and the headers of node-api-headers'
    build_with_compiler >"$log" 2>&1 || status=$?
  fi
  [ "$status" = 0 ] || fail "the addon does not compile: $(reason "$status" "$log") (all of it: $log)"
  rm -rf "$addon_root/build"
  echo "$TF_VERSION" >"$built"
}

# Runs a 2D and a 3D convolution whose results were worked out by hand, and prints the one line.
check_addon() {
  (cd "$work" && TF_CPP_MIN_LOG_LEVEL=${TF_CPP_MIN_LOG_LEVEL:-1} timeout -k 10 "$CHECK_SECONDS" node - <<'JAVASCRIPT'
// Gone in Node 23, and called by tfjs-node at its first op.
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tf = require('@tensorflow/tfjs-node');
const expect = (what, tensor, wanted) => {
  const found = Array.from(tensor.dataSync()).join();
  if (found !== wanted) throw new Error(`${what} gave ${found} where ${wanted} is right`);
};
if (tf.getBackend() !== 'tensorflow') throw new Error(`the backend is ${tf.getBackend()}`);
// 0*1 + 1*2 + 3*3 + 4*4 = 27, and so on for the other three windows of the 3 x 3 image.
const image = tf.range(0, 9).reshape([1, 3, 3, 1]);
expect('conv2d', tf.conv2d(image, tf.range(1, 5).reshape([2, 2, 1, 1]), 1, 'valid'), '27,37,57,67');
// The sum of i * (i + 1) for i from 0 to 7.
const volume = tf.range(0, 8).reshape([1, 2, 2, 2, 1]);
expect('conv3d', tf.conv3d(volume, tf.range(1, 9).reshape([2, 2, 2, 1, 1]), 1, 'valid'), '168');
console.log(
  `@tensorflow/tfjs-node ${tf.version['tfjs-node']} (tfjs ${tf.version.tfjs}) on TensorFlow ` +
    `${tf.backend().binding.TF_Version}, Node ${process.versions.node}, in ${process.cwd()}; ` +
    'conv2d and conv3d are right; no environment variable is needed',
);
JAVASCRIPT
  ) || fail "the addon in $work does not work; run $0 again after removing that folder"
}

install_package
fetch_wheel
build_addon
check_addon
