#!/bin/sh
# Prints the path of a Chromium or Chrome that tests can drive on standard output;
# everything else goes to standard error. Looks for one first, and installs one
# when there is none: npm's @sparticuz/chromium below .cache in the repository, as
# root the Debian package, through Homebrew.
# Exit 1 with a sentence when all of that fails.
set -eu
umask 022

npm_version=147.0.0
root=$(cd "$(dirname "$0")/.." && pwd -P)
cache=$root/.cache/chromium

say() { printf '%s\n' "$*" >&2; }

# usable FILE: does it run, and say that it is a browser?
usable() {
	[ -x "$1" ] || return 1
	if command -v timeout >/dev/null; then
		version=$(timeout 20 "$1" --no-sandbox --version 2>/dev/null) || return 1
	else
		version=$("$1" --no-sandbox --version 2>/dev/null) || return 1
	fi
	case $version in
	*Chrom*) return 0 ;;
	esac
	return 1
}

# found FILE: print FILE and stop when it is usable.
found() {
	if usable "$1"; then
		printf '%s\n' "$1"
		exit 0
	fi
}

# look: everything that is on the machine. What the cache holds comes first: it is
# small, and the same everywhere.
look() {
	found "$cache/chrome"
	for name in chromium chromium-browser google-chrome google-chrome-stable chrome headless-shell chrome-headless-shell; do
		if file=$(command -v "$name"); then
			found "$file"
		fi
	done
	for file in '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome' \
		'/Applications/Chromium.app/Contents/MacOS/Chromium'; do
		found "$file"
	done
}

# unpack DIR: the package holds its files packed by brotli, which node can read.
unpack() {
	node -e '
const fs = require("fs"), zlib = require("zlib"), dir = process.argv[1];
for (const name of ["chromium", "al2023.tar", "swiftshader.tar", "fonts.tar"]) {
  fs.writeFileSync(dir + "/" + name, zlib.brotliDecompressSync(fs.readFileSync(dir + "/package/bin/" + name + ".br")));
}' "$1" >&2 || return 1
	for name in al2023 swiftshader fonts; do
		tar -C "$1" -xf "$1/$name.tar" >&2 && rm "$1/$name.tar" || return 1
	done
	rm -rf "$1/package"
	chmod +x "$1/chromium"
}

# launcher DIR: the libraries and the font of the package, for machines without.
launcher() {
	cat >"$1/chrome" <<'END'
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd -P)
if [ ! -f "$here/own-fonts.conf" ]; then
	cat >"$here/own-fonts.conf.$$" <<XML
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<dir>$here/fonts</dir><cachedir>$here/fontcache</cachedir>
</fontconfig>
XML
	mv "$here/own-fonts.conf.$$" "$here/own-fonts.conf"
fi
FONTCONFIG_FILE=$here/own-fonts.conf LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export FONTCONFIG_FILE LD_LIBRARY_PATH
exec "$here/chromium" --no-zygote "$@"
END
	chmod +x "$1/chrome"
}

install_with_npm() {
	command -v npm >/dev/null && command -v node >/dev/null || return 0
	case $(uname -sm) in
	'Linux x86_64') ;;
	*) return 0 ;; # the package is for nothing else
	esac
	say "ensure-chromium: fetching @sparticuz/chromium into $cache"
	# Built beside its place and moved there, so that half of it is never used.
	new=$cache.new.$$
	mkdir -p "$new" || return 0
	trap 'rm -rf "$new"' EXIT
	trap 'exit 1' HUP INT TERM
	if (cd "$new" && npm pack --silent --cache "$new/npm-cache" "@sparticuz/chromium@$npm_version" >&2) &&
		tar -C "$new" -xzf "$new/sparticuz-chromium-$npm_version.tgz" >&2 && unpack "$new" && launcher "$new"; then
		rm -rf "$new/npm-cache" "$new"/*.tgz
		if usable "$new/chrome"; then
			rm -f "$new/own-fonts.conf"
			rm -rf "$cache"
			mv "$new" "$cache"
		else
			say "ensure-chromium: the npm package does not run on this machine"
		fi
	fi
	rm -rf "$new"
	trap - EXIT HUP INT TERM
	look
}

install_with_apt() {
	command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 0
	say "ensure-chromium: installing the Debian package"
	apt="apt-get -q -o DPkg::Lock::Timeout=300"
	export DEBIAN_FRONTEND=noninteractive
	$apt install -y --no-install-recommends chromium >&2 ||
		{ $apt update >&2 && $apt install -y --no-install-recommends chromium >&2; } || return 0
	look
}

install_with_brew() {
	command -v brew >/dev/null && [ "$(id -u)" != 0 ] || return 0
	say "ensure-chromium: installing Google Chrome with Homebrew"
	HOMEBREW_NO_AUTO_UPDATE=1 brew install --cask google-chrome >&2 || return 0
	look
}

look
install_with_npm
install_with_apt
install_with_brew
say "The tests of the HTML report need Chromium or Chrome, and none was found. Install it and try again:"
say "  Debian:          sudo apt-get install chromium"
say "  macOS:           brew install --cask google-chrome"
say "  anywhere else:   put one on the PATH, or install Node.js with npm (Linux on x86-64)"
exit 1
