# Runs the server "$@" in folder $1 and ends it $2 seconds after its last user.
#
# Standard input is the reading end of the named pipe data/users; every user keeps
# the writing end open and writes a byte at first, so reading ends when the last
# one is gone, and what was read tells a new user from none. Descriptor 3 is the
# lock of the folder, which nothing but the keeper may have.
dir=$1
grace=$2
shift 2
cd "$dir" || exit 1
exec 4<&0 </dev/null
"$@" 3<&- 4<&- &
server=$!

idle=0
while [ "$idle" -lt "$grace" ] && kill -0 "$server" 2>/dev/null; do
	if [ "$(wc -c <&4 3<&-)" -gt 0 ]; then
		idle=0
	else
		sleep 1 3<&-
		idle=$((idle + 1))
	fi
done

# Nobody finds the way in any more; whoever was on it already is waited for.
rm -f data/users
cat <&4 >/dev/null 3<&-
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf data postgres.log postgres.log.1 lock
cd / && rmdir "$dir" 2>/dev/null
exit 0
