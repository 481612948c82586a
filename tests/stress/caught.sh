#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# caught.sh END PROGRAM TEST: passes if TEST of PROGRAM, a mutant, ends as END says:
#	fails	with an exit status, a signal, a sanitizer's report or "not ok" in its output
#	hangs	fails, or does not end
#	passes	does not fail: a control
# CAUGHT_SECONDS is the time limit of each try, 100 if it is not set.
# Some races are found by chance: TEST is tried up to five times, with a longer
# window each time, and every other time with all threads on one CPU, where a thread
# goes on after it has released another one. CAUGHT_TRIES=1 shows which mutants are
# found by chance.
end=$1 program=$2 test=$3
one_cpu=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')

for try in $(seq "${CAUGHT_TRIES:-5}"); do
	export STRESS_WINDOW_MS=$((try * try))
	on=
	[ $((try % 2)) = 1 ] || on="taskset -c $one_cpu"
	output=$(timeout -k 5 "${CAUGHT_SECONDS:-100}" $on "$program" "$test" 2>&1)
	status=$?
	echo "try $try: status $status"
	echo "$output"
	case $end:$status in
	*:126 | *:127)
		echo "$program cannot be run"
		exit 1 ;;
	passes:*)
		exit $status ;;
	*:0)	continue ;;
	hangs:124 | hangs:137)
		exit 0 ;;
	*:124 | *:137)
		# The test failed, and then the broken program did not end.
		case $output in
		*"not ok"*) exit 0 ;;
		esac
		echo "the test timed out, but this mutant should not hang"
		exit 1 ;;
	*)	exit 0 ;;
	esac
done
echo "not caught"
exit 1
