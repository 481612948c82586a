// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Calls functions that were compiled for two standards. */
#include "check.hpp"

int first_mixed();
int second_mixed();

int main()
{
	static const test tests[] = {
		{"compiled for the oldest standard", [] { CHECK(!first_mixed()); }},
		{"compiled for the newest standard", [] { CHECK(!second_mixed()); }},
	};

	return run_tests(tests);
}
