#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# caught.sh END PROGRAM TEST: passes if TEST of PROGRAM, a mutant, ends like
#	fails	by its exit status, a signal or a sanitizer's report
#	hangs	in that way, or not at all
#	passes	as if nothing were broken: a control
# A race that is won by luck is given more than one chance, and more time each.
end=$1 program=$2 test=$3

for try in 1 2 3 4 5; do
	export STRESS_WINDOW_MS=$((try * try))
	output=$(timeout -k 5 100 "$program" "$test" 2>&1)
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
		echo "time is up, but this mutant was not to hang"
		exit 1 ;;
	*)	exit 0 ;;
	esac
done
echo "not caught"
exit 1
