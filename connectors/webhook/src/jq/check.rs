//! What a program may say: known filters, nothing that recurs, nothing nested beyond what the stack suffices for.

use std::collections::HashMap;

use jaq_core::{
    load::{
        lex::StrPart,
        parse::{BinaryOp, Def, Pattern, Term},
    },
    path::{Part, Path},
};

use super::Fault;

/// How deep what runs may be nested, filters that are called included.
const DEEPEST: usize = 64;
/// Characters of a number at most.
const LONGEST_NUMBER: usize = 64;

/// Filters by name and number of arguments, with how deep each is nested.
#[derive(Debug)]
pub(super) struct Known(HashMap<(&'static str, usize), usize>);

impl From<HashMap<(&'static str, usize), usize>> for Known {
    fn from(natives: HashMap<(&'static str, usize), usize>) -> Self {
        Self(natives)
    }
}

impl Known {
    /// Adds a filter that is made of those before it.
    pub(super) fn define(&mut self, def: &Def<&'static str>) {
        let mut check = Check::new("", self);
        let depth = check.defined(def);
        self.0.insert((def.name, def.args.len()), depth);
    }
}

/// Everything that is wrong with a program.
pub(super) fn check(code: &str, program: &Term<&str>, known: &Known) -> Result<(), Vec<Fault>> {
    let mut check = Check::new(code, known);
    let depth = check.term(program);
    if depth > DEEPEST && check.faults.is_empty() {
        let advice =
            format!("it is nested too deeply ({depth} levels, at most {DEEPEST}): give parts of it names with def");
        check.faults.push(Fault::whole(advice));
    }
    if check.faults.is_empty() { Ok(()) } else { Err(check.faults) }
}

/// A filter that the program defines.
struct Own<'s> {
    name: &'s str,
    arity: usize,
    depth: usize,
    /// What it is is being read.
    is_open: bool,
}

struct Check<'s, 'k> {
    code: &'s str,
    known: &'k Known,
    own: Vec<Own<'s>>,
    faults: Vec<Fault>,
}

impl<'s, 'k> Check<'s, 'k> {
    fn new(code: &'s str, known: &'k Known) -> Self {
        Self { code, known, own: Vec::new(), faults: Vec::new() }
    }

    fn fault(&mut self, part: &str, message: impl Into<String>) {
        self.faults.push(Fault::at(self.code, part, message));
    }

    /// How deep a term is nested.
    fn term(&mut self, term: &Term<&'s str>) -> usize {
        1 + match term {
            Term::Id | Term::Recurse | Term::Arr(None) | Term::Var(_) | Term::Break(_) => 0,
            Term::Num(digits) => {
                if digits.len() > LONGEST_NUMBER {
                    self.fault(digits, format!("expected a number of at most {LONGEST_NUMBER} characters"));
                }
                0
            }
            Term::Str(format, parts) => {
                let format = format.map(|format| self.call(format, &[])).unwrap_or_default();
                let count = parts.len();
                let parts = parts.iter().map(|part| match part {
                    StrPart::Term(term) => self.term(term),
                    StrPart::Str(_) | StrPart::Char(_) => 0,
                });
                // Texts and objects are put together piece by piece, each within the one before.
                format + count + parts.max().unwrap_or_default()
            }
            Term::Arr(Some(items)) => self.term(items),
            Term::Obj(members) => {
                let count = members.len();
                let members = members.iter().map(|(key, value)| {
                    let key = self.term(key);
                    key.max(value.as_ref().map_or(0, |value| self.term(value)))
                });
                count + members.max().unwrap_or_default()
            }
            Term::Neg(inner) | Term::Label(_, inner) => self.term(inner),
            Term::BinOp(left, op, right) => self.operation(left, op, right),
            Term::Fold(_, values, pattern, arguments) => {
                let values = self.term(values);
                let arguments = arguments.iter().map(|argument| self.term(argument)).max().unwrap_or_default();
                values.max(arguments).max(self.pattern(pattern))
            }
            Term::TryCatch(tried, caught) => {
                self.term(tried).max(caught.as_ref().map_or(0, |caught| self.term(caught)))
            }
            Term::IfThenElse(branches, otherwise) => {
                let branches = branches.iter().map(|(when, then)| self.term(when).max(self.term(then)));
                let branches = branches.max().unwrap_or_default();
                branches.max(otherwise.as_ref().map_or(0, |otherwise| self.term(otherwise)))
            }
            Term::Def(defs, rest) => {
                let before = self.own.len();
                for def in defs {
                    let depth = self.defined(def);
                    self.own.push(Own { name: def.name, arity: def.args.len(), depth, is_open: false });
                }
                let depth = self.term(rest);
                self.own.truncate(before);
                depth
            }
            Term::Call(name, arguments) => self.call(name, arguments),
            Term::Path(inner, path) => self.term(inner).max(self.path(path)),
        }
    }

    fn operation(&mut self, left: &Term<&'s str>, op: &BinaryOp<&'s str>, right: &Term<&'s str>) -> usize {
        let pattern = match op {
            BinaryOp::Pipe(Some(pattern)) => self.pattern(pattern),
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
                self.place(left);
                0
            }
            BinaryOp::Pipe(None)
            | BinaryOp::Comma
            | BinaryOp::Alt
            | BinaryOp::Or
            | BinaryOp::And
            | BinaryOp::Math(_)
            | BinaryOp::Cmp(_) => 0,
        };
        self.term(left).max(self.term(right)).max(pattern)
    }

    fn pattern(&mut self, pattern: &Pattern<&'s str>) -> usize {
        1 + match pattern {
            Pattern::Var(_) => 0,
            Pattern::Arr(items) => items.iter().map(|item| self.pattern(item)).max().unwrap_or_default(),
            Pattern::Obj(members) => {
                let members = members.iter().map(|(key, member)| self.term(key).max(self.pattern(member)));
                members.max().unwrap_or_default()
            }
        }
    }

    fn path(&mut self, path: &Path<Term<&'s str>>) -> usize {
        let mut several = 0;
        let mut depth = 0;
        for (part, _) in &path.0 {
            let (first, second) = match part {
                Part::Index(index) => (Some(index), None),
                Part::Range(from, to) => (from.as_ref(), to.as_ref()),
            };
            for bound in [first, second].into_iter().flatten() {
                depth = depth.max(self.term(bound));
                several += usize::from(!gives_one(bound));
            }
        }
        // Each with each: their number would not be bounded by what is counted.
        if several > 1 {
            self.faults.push(Fault::whole(
                "two computed indices in one path may give several values each: put a `|` between them",
            ));
        }
        depth
    }

    fn defined(&mut self, def: &Def<&'s str>) -> usize {
        let is_taken = |name: &str, arity: usize| self.known.0.contains_key(&(name, arity));
        let taken = std::iter::once((def.name, def.args.len())).chain(def.args.iter().map(|arg| (*arg, 0)));
        let taken: Vec<_> = taken.filter(|(name, arity)| is_taken(name, *arity)).collect();
        for (name, arity) in taken {
            self.fault(name, format!("{name}/{arity} is a filter already: choose another name"));
        }
        let before = self.own.len();
        self.own.push(Own { name: def.name, arity: def.args.len(), depth: 0, is_open: true });
        let parameter = |name: &&'s str| Own { name, arity: 0, depth: 0, is_open: false };
        self.own.extend(def.args.iter().map(parameter));
        let depth = self.term(&def.body);
        self.own.truncate(before);
        depth
    }

    fn call(&mut self, name: &'s str, arguments: &[Term<&'s str>]) -> usize {
        let arity = arguments.len();
        let within = arguments.iter().map(|argument| self.term(argument)).max().unwrap_or_default();
        if (name, arity) == ("del", 1) {
            for argument in arguments {
                self.place(argument);
            }
        }
        let own = self.own.iter().rev().find(|own| own.name == name && own.arity == arity);
        let depth = match own.map(|own| (own.depth, own.is_open)) {
            Some((_, true)) => {
                self.fault(name, format!("{name} calls itself; programs that recur are not taken"));
                0
            }
            Some((depth, false)) => depth,
            None => {
                let is_hidden = super::natives::is_internal(name) && !self.code.is_empty();
                let known = self.known.0.get(&(name, arity)).filter(|_| !is_hidden).copied();
                known.unwrap_or_else(|| {
                    let advice = "README.md of connectors/webhook lists those there are";
                    self.fault(name, format!("there is no filter {name}/{arity} here; {advice}"));
                    0
                })
            }
        };
        depth + within
    }

    /// What is updated has to be a path whose parts are written down: one that a fold puts together is followed by recursion,
    /// as deep as the body says.
    fn place(&mut self, term: &Term<&'s str>) {
        match term {
            Term::Id | Term::Recurse => {}
            Term::Path(inner, _) => self.place(inner),
            Term::BinOp(left, BinaryOp::Pipe(None) | BinaryOp::Comma, right) => {
                self.place(left);
                self.place(right);
            }
            Term::IfThenElse(branches, otherwise) => {
                for (_, then) in branches {
                    self.place(then);
                }
                if let Some(otherwise) = otherwise {
                    self.place(otherwise);
                }
            }
            Term::Call(name, arguments)
                if matches!((*name, arguments.len()), ("empty" | "first" | "last", 0) | ("select", 1)) => {}
            // A parameter of the filters that come with the language; its argument is looked at where they are called.
            Term::Call(_, arguments) if self.code.is_empty() && arguments.is_empty() => {}
            Term::Arr(_)
            | Term::Break(_)
            | Term::Call(..)
            | Term::Def(..)
            | Term::Fold(..)
            | Term::Label(..)
            | Term::Neg(_)
            | Term::Num(_)
            | Term::Obj(_)
            | Term::Str(..)
            | Term::TryCatch(..)
            | Term::BinOp(..)
            | Term::Var(_) => {
                self.faults.push(Fault::whole(
                    "what is updated or deleted has to be a path written out: `.a.b[]`, `..`, `.[] | select(…)`",
                ));
            }
        }
    }
}

/// Whether a term gives one value, or none.
fn gives_one(term: &Term<&str>) -> bool {
    match term {
        Term::Id | Term::Num(_) | Term::Var(_) | Term::Arr(None) => true,
        Term::Str(_, parts) => parts.iter().all(|part| match part {
            StrPart::Term(term) => gives_one(term),
            StrPart::Str(_) | StrPart::Char(_) => true,
        }),
        Term::Neg(inner) => gives_one(inner),
        Term::BinOp(left, BinaryOp::Pipe(None) | BinaryOp::Math(_) | BinaryOp::Alt, right) => {
            gives_one(left) && gives_one(right)
        }
        Term::Path(inner, path) => {
            let one = |part: &Part<Term<&str>>| match part {
                Part::Index(index) => gives_one(index),
                Part::Range(None, None) => false,
                Part::Range(from, to) => [from, to].into_iter().flatten().all(gives_one),
            };
            gives_one(inner) && path.0.iter().all(|(part, _)| one(part))
        }
        Term::Call(name, arguments) => {
            matches!((*name, arguments.len()), ("length" | "tostring" | "ascii_downcase" | "keys" | "type", 0))
        }
        Term::Recurse
        | Term::Arr(Some(_))
        | Term::Obj(_)
        | Term::BinOp(..)
        | Term::Label(..)
        | Term::Break(_)
        | Term::Fold(..)
        | Term::TryCatch(..)
        | Term::IfThenElse(..)
        | Term::Def(..) => false,
    }
}
