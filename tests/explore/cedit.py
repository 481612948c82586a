# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Edits of functions in C, which name statements and do not quote them.

apply(text, function, operation) returns the text with the function edited. An
operation is a word and its arguments, with " | " between these:

	swap S | T		exchange two statements
	drop S			leave a statement out
	move S | before T	(or "after T")
	put S | CODE		CODE instead of a statement
	add CODE | before T	(or "after T")
	rename X | Y | S	the call of X in S calls Y
	condition S | CODE	CODE as the condition of an "if" or a loop
	without X | S		the condition of S without the operand that has X

A statement is named by a kind and a name, and its number if there are several:

	call X		a simple statement that calls X
	set X		a simple statement that assigns to X
	if X		an "if" whose condition has the identifier X
	loop X		a loop whose head, or the macro of which, is or has X
	go X		"goto X", or "break", "continue", "return"
	label X
	call X #2/3	the second one of three
	call X in if Y	the one inside of the statement "if Y"

An operation fails if the function does not have exactly the text that it names. So an edit
that was written for another version of the function fails, and does not do
something else.
"""
import re


class EditError(Exception):
    """The function does not have the text that an operation names."""


def blank(text):
    """The text with spaces for comments, strings and preprocessor lines."""
    pattern = (r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
               r'|(?m:^[ \t]*#(?:\\\n|[^\n])*)')
    return re.sub(pattern, lambda m: re.sub(r'[^\n]', ' ', m[0]), text,
                  flags=re.S)


def closing(code, i):
    """The position behind the bracket that closes the one at i."""
    depth = 0
    for k in range(i, len(code)):
        if code[k] in '([{':
            depth += 1
        elif code[k] in ')]}':
            depth -= 1
            if not depth:
                return k + 1
    raise EditError('a bracket is not closed')


class Statement:
    """A statement: code[start:end]. Its condition or head is head."""
    def __init__(self, kind, start, parent):
        self.kind, self.start, self.parent = kind, start, parent
        self.end, self.head, self.name, self.children = start, None, '', []

    def all(self):
        yield self
        for child in self.children:
            yield from child.all()


class Parser:
    def __init__(self, code):
        self.code = code

    def skip(self, i):
        while self.code[i].isspace():
            i += 1
        return i

    def word(self, i):
        return re.compile(r'\w*').match(self.code, i)[0]

    def head(self, s, i):
        i = self.skip(i)
        s.head = (i + 1, closing(self.code, i) - 1)
        return s.head[1] + 1

    def child(self, s, i):
        s.children.append(self.statement(i, s))
        return s.children[-1].end

    def block(self, s):
        i = self.skip(s.start + 1)
        while self.code[i] != '}':
            i = self.skip(self.child(s, i))
        return i + 1

    def is_macro_loop(self, i, word):
        """A call that no semicolon follows."""
        k = self.skip(i + len(word))
        if not word or word == 'return' or self.code[k] != '(':
            return False
        k = self.skip(closing(self.code, k))
        return self.code[k] == '{' or bool(self.word(k))

    def simple_end(self, i):
        while self.code[i] != ';':
            i = closing(self.code, i) if self.code[i] in '([{' else i + 1
        return i + 1

    def statement(self, i, parent):
        i = self.skip(i)
        word = self.word(i)
        s = Statement('simple', i, parent)
        k = self.skip(i + len(word))
        if self.code[i] == '{':
            s.kind = 'block'
            s.end = self.block(s)
        elif word == 'if':
            s.kind = 'if'
            s.end = self.child(s, self.head(s, k))
            k = self.skip(s.end)
            if self.word(k) == 'else':
                s.end = self.child(s, k + 4)
        elif word in ('for', 'while', 'switch') or self.is_macro_loop(i, word):
            s.kind, s.name = 'loop', word
            s.end = self.child(s, self.head(s, k))
        elif word == 'do':
            s.kind = 'loop'
            k = self.skip(self.child(s, k))
            s.end = self.simple_end(self.head(s, k + len('while')))
        elif word == 'case' or (word and self.code[k] == ':'):
            s.kind, s.name = 'label', word
            s.end = self.code.index(':', i) + 1
        else:
            s.end = self.simple_end(i)
        return s


class Function:
    """The definition of a function in a text."""
    def __init__(self, text, name):
        self.text, self.name, self.code = text, name, blank(text)
        found = []
        for m in re.finditer(r'\b%s\s*\(' % re.escape(name), self.code):
            k = closing(self.code, m.end() - 1)
            brace = re.compile(r'\s*\{').match(self.code, k)
            before = self.code[:m.start()]
            if brace and before.count('{') == before.count('}'):
                found.append(brace.end() - 1)
        if len(found) != 1:
            raise EditError(f'{len(found)} functions {name}()')
        self.body = Parser(self.code).statement(found[0], None)

    def matches(self, s, kind, name):
        head = self.code[slice(*s.head)] if s.head else ''
        code = self.code[s.start:s.end]
        x = re.escape(name)
        if kind == 'call':
            return s.kind == 'simple' and re.search(r'\b%s\s*\(' % x, code)
        if kind == 'set':
            return s.kind == 'simple' and re.match(
                r'[^=(]*(?<![\w>.])%s\s*([-+*/&|^]|<<|>>)?=(?!=)' % x, code)
        if kind == 'go':
            return s.kind == 'simple' and re.match(
                r'(goto\s+)?%s\s*[^\w(]' % x, code)
        if kind == 'label':
            return s.kind == kind and s.name == name
        if kind in ('if', 'loop'):
            return s.kind == kind and (
                s.name == name or re.search(r'(?<!\w)%s(?!\w)' % x, head))
        raise EditError(f'no kind of statement "{kind}"')

    def find(self, selector):
        inside, root = None, self.body
        if ' in ' in selector:
            selector, inside = selector.split(' in ', 1)
            root = self.find(inside)
        m = re.fullmatch(r'(\w+) (\S+)(?: #(\d+)/(\d+))?', selector.strip())
        if not m:
            raise EditError(f'not the name of a statement: "{selector}"')
        found = [s for s in root.all() if s is not root
                 and self.matches(s, m[1], m[2])]
        if len(found) != int(m[4] or 1):
            raise EditError(f'{self.name}() has {len(found)} "{m[1]} {m[2]}"' +
                            (f' in "{inside}"' if inside else ''))
        return found[int(m[3] or 1) - 1]

    def source(self, s):
        return self.text[s.start:s.end]

    def replace(self, *changes):
        """The text with each (start, end) replaced by its new text."""
        text = self.text
        for start, end, new in sorted(changes, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def put_beside(self, where, new):
        """The change that adds code before or after a statement."""
        side, _, selector = where.partition(' ')
        if side not in ('before', 'after'):
            raise EditError(f'neither before nor after: "{where}"')
        s = self.find(selector)
        both = [new, self.source(s)]
        both = ' '.join(both if side == 'before' else both[::-1])
        if s.parent.kind == 'block':
            # The rest of a block may use the names that the statement declares.
            at = s.start if side == 'before' else s.end
            return (at, at, new + ' ' if side == 'before' else ' ' + new)
        return (s.start, s.end, '{ ' + both + ' }')

    def operand(self, s, name):
        """The part of a condition that has a name, with its operator."""
        start, end = s.head
        found = [m.start() for m in re.finditer(
            r'(?<!\w)%s(?!\w)' % re.escape(name), self.code[start:end])]
        if len(found) != 1:
            raise EditError(f'the condition has {len(found)} {name}')
        i = k = start + found[0]
        depth = 0
        while i > start and self.code[i - 2:i] not in ('&&', '||'):
            depth += {')': 1, '(': -1}.get(self.code[i - 1], 0)
            if depth < 0:
                break
            i -= 1
        while k < end and self.code[k:k + 2] not in ('&&', '||'):
            if self.code[k] == ')':
                break
            k = closing(self.code, k) if self.code[k] == '(' else k + 1
        if self.code[i - 2:i] in ('&&', '||'):
            return i - 2, k
        if self.code[k:k + 2] in ('&&', '||'):
            return i, k + 2
        raise EditError(f'{name} is the whole condition')


def swap(f, first, second):
    a, b = f.find(first), f.find(second)
    return f.replace((a.start, a.end, f.source(b)),
                     (b.start, b.end, f.source(a)))


def drop(f, selector):
    s = f.find(selector)
    return f.replace((s.start, s.end, ';'))


def move(f, selector, where):
    s = f.find(selector)
    return f.replace((s.start, s.end, ';'), f.put_beside(where, f.source(s)))


def put(f, selector, code):
    s = f.find(selector)
    return f.replace((s.start, s.end, '{ ' + code + ' }'))


def add(f, code, where):
    return f.replace(f.put_beside(where, code))


def rename(f, old, new, selector):
    s = f.find(selector)
    calls = list(re.finditer(r'\b%s(?=\s*\()' % re.escape(old),
                             f.code[s.start:s.end]))
    if len(calls) != 1:
        raise EditError(f'"{selector}" has {len(calls)} calls of {old}()')
    start = s.start + calls[0].start()
    return f.replace((start, start + len(old), new))


def condition(f, selector, code):
    s = f.find(selector)
    if not s.head:
        raise EditError(f'"{selector}" has no condition')
    return f.replace((*s.head, code))


def without(f, name, selector):
    s = f.find(selector)
    return f.replace((*f.operand(s, name), ''))


OPERATIONS = {f.__name__: f for f in (swap, drop, move, put, add, rename,
                                      condition, without)}


def apply(text, function, operation):
    word, _, rest = operation.partition(' ')
    if word not in OPERATIONS:
        raise EditError(f'no operation "{word}"')
    try:
        return OPERATIONS[word](Function(text, function), *rest.split(' | '))
    except TypeError as error:
        raise EditError(f'"{operation}": wrong number of arguments') from error
    except (IndexError, ValueError) as error:
        raise EditError(f'{function}() ends in the middle') from error
