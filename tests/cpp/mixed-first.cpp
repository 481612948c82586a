// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "mixed.inc"

int first_mixed()
{
	return mixed();
}
