#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Tests of cedit.py. Prints TAP."""
import re
import sys

import cedit

TEXT = '''
int other(int a);

/* first(a) { */
int first(int a, struct s *p)
{
	int b = one(a), c = sizeof(int[2]);

	one(b); /* } */
	two(");", a);
again:
	if (a && (b || busy(c)) && one(a))
		three(a);
	else if (b)
		four(b);
	for_each(a, p->list) {
		p->value = two("{", 1);
		if (a)
			continue;
		five();
	}
	while (three(a))
		relax();
	do
		p->value += 1;
	while (p->value < 3);
	if (c)
		goto again;
	return p->value;
}

int other(int a)
{
	return one(a);
}
'''

# An operation, and the lines of the function that change.
GOOD = [
    ('swap call one #2/2 | call five', ['five(); /* } */', 'one(b);']),
    ('drop call four', [';']),
    ('drop set p->value #1/2', [';']),
    ('drop call three', [';']),
    ('drop loop for_each', [';']),
    ('drop loop three', [';']),
    ('put go again | return 7;', ['{ return 7; }']),
    ('put go continue | break;', ['{ break; }']),
    ('move call five | after call two #1/2', ['two(");", a); five();', ';']),
    ('move call five | before call four', ['{ five(); four(b); }', ';']),
    ('add x(); | before set b', ['x(); int b = one(a), c = sizeof(int[2]);']),
    ('add x(); | after label again', ['again: x();']),
    ('rename two | six | set p->value #1/2', ['p->value = six("{", 1);']),
    ('condition if busy | false', ['if (false)']),
    ('condition loop value | x', ['while (x);']),
    ('without busy | if busy', ['if (a && (b ) && one(a))']),
    ('without b | if busy', ['if (a && ( busy(c)) && one(a))']),
    ('without one | if busy', ['if (a && (b || busy(c)) )']),
    ('drop call five in loop for_each', [';']),
    ('drop go return', [';']),
]

# An operation that does not apply, and a part of the message.
BAD = [
    ('drop call one', 'has 2'),
    ('drop call six', 'has 0'),
    ('drop call one #1/3', 'has 2'),
    ('drop call first', 'has 0'),
    ('drop call five in if busy', 'has 0'),
    ('without c | if c #2/2', 'whole condition'),
    ('without a | if busy', 'has 2 a'),
    ('rename one | x | call five', 'has 0 calls'),
    ('condition call five | x', 'no condition'),
    ('move call five | call four', 'neither before nor after'),
    ('drop five', 'not the name'),
    ('drop function five', 'no kind'),
    ('swap call five', 'number of arguments'),
    ('lose call five', 'no operation'),
]


def words(text):
    return re.sub(r'\s+', ' ', text).strip()


def good(operation, expected):
    before = TEXT.split('\n')
    after = cedit.apply(TEXT, 'first', operation).split('\n')
    changed = [words(line) for line in after if line not in before]
    found = [line for line in changed if line]
    return '' if found == expected else f'{found}'


def bad(operation, message, text=TEXT, function='first'):
    try:
        cedit.apply(text, function, operation)
    except cedit.EditError as error:
        return '' if message in str(error) else str(error)
    return 'it applies'


def main():
    results = [(f'{o}', good(o, e)) for o, e in GOOD]
    results += [(f'{o}: fails', bad(o, m)) for o, m in BAD]
    results.append(('a function that is declared only', bad(
        'drop call one', '0 functions', TEXT.split('int other(int a)\n')[0],
        'other')))
    results.append(('a file that ends in the middle', bad(
        'drop call one', '', TEXT[:-30], 'other')))
    print(f'1..{len(results)}')
    for number, (what, why) in enumerate(results, 1):
        what = what.replace('#', '\\#')
        print(f'{"not ok" if why else "ok"} {number} - {what}')
        if why:
            print('# ' + why)
    return any(why for _, why in results)


if __name__ == '__main__':
    sys.exit(main())
