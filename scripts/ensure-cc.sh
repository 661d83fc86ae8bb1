#!/bin/sh
# Prints the C compiler that cgo is to use on standard output; everything else
# goes to standard error. DuckDB is linked from static libraries written in C++,
# so the compiler has to find the C++ runtime, too. As root on Debian and Ubuntu
# what is missing is installed. Exit 1 with a sentence when there is none.
set -eu

say() { printf '%s\n' "$*" >&2; }

case $(uname -s) in
Darwin) runtime=-lc++ ;;
*) runtime=-lstdc++ ;;
esac

# works CC: does it compile and link a program with the C++ runtime?
works() {
	[ -n "$1" ] || return 1
	# shellcheck disable=SC2086 # CC may carry options
	set -- $1
	command -v "$1" >/dev/null || return 1
	tmp=$(mktemp -d) || return 1
	printf '#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' >"$tmp/a.c"
	if "$@" -o "$tmp/a" "$tmp/a.c" $runtime -lm >/dev/null 2>&1 && "$tmp/a"; then
		rm -rf "$tmp"
		return 0
	fi
	rm -rf "$tmp"
	return 1
}

# look: the caller's choice, then what Go would take by itself, then the rest.
look() {
	for cc in "${CC:-}" gcc clang cc; do
		if works "$cc"; then
			printf '%s\n' "$cc"
			exit 0
		fi
	done
}

look
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	apt="apt-get -q -o DPkg::Lock::Timeout=300"
	export DEBIAN_FRONTEND=noninteractive
	say "ensure-cc: installing gcc and g++"
	$apt install -y --no-install-recommends gcc g++ libc6-dev >&2 ||
		{ $apt update >&2 && $apt install -y --no-install-recommends gcc g++ libc6-dev >&2; } ||
		say "ensure-cc: apt-get did not install them"
	look
fi
say "Bateia needs a C compiler with the C++ runtime, and none was found. Install one and try again:"
say "  Debian, Ubuntu:  sudo apt-get install gcc g++"
say "  Fedora:          sudo dnf install gcc gcc-c++"
say "  macOS:           xcode-select --install"
exit 1
