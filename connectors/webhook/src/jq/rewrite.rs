//! Putting the meter into a program.
//!
//! Every place that runs more than once in a run begins with a step: what a pipe, a call, a fold, a branch, an operator leads
//! to. What gives many values takes a step for each. What makes or walks through a value is weighed, before where its cost
//! comes from what it reads, behind where it comes from what it makes.

use jaq_core::{
    load::{
        lex::StrPart,
        parse::{BinaryOp, Def, Pattern, Term},
    },
    ops::Math,
    path::{Part, Path},
};

use super::natives::{self, DIVIDED, KEY, Kind, MULTIPLIED, STEP, WEIGH};

/// The variable that holds the right side of `+=` and its like.
const RIGHT: &str = "$kenh_right";

/// The same program, with the meter in it.
pub(super) fn rewritten<'s>(term: Term<&'s str>) -> Term<&'s str> {
    match term {
        Term::Id | Term::Num(_) | Term::Arr(None) | Term::Var(_) | Term::Break(_) => term,
        Term::Recurse => read(counted(Term::Recurse)),
        Term::Str(None, parts) if parts.iter().all(|part| !matches!(part, StrPart::Term(_))) => Term::Str(None, parts),
        Term::Str(format, parts) => made(Term::Str(format, parts.into_iter().map(interpolated).collect())),
        Term::Arr(Some(items)) => made(Term::Arr(Some(Box::new(rewritten(*items))))),
        Term::Obj(members) => made(Term::Obj(members.into_iter().map(member).collect())),
        Term::Neg(inner) => made(Term::Neg(Box::new(operand(*inner)))),
        Term::BinOp(left, op, right) => operation(*left, op, *right),
        Term::Label(name, inner) => Term::Label(name, Box::new(rewritten(*inner))),
        Term::Fold(kind, values, bound, arguments) => Term::Fold(
            kind,
            Box::new(stepped(rewritten(*values))),
            pattern(bound),
            arguments.into_iter().map(|argument| stepped(rewritten(argument))).collect(),
        ),
        // What was caught may be a text made of the values at fault.
        Term::TryCatch(tried, caught) => {
            let caught = caught.map_or_else(|| Term::Call("empty", Vec::new()), |caught| rewritten(*caught));
            Term::TryCatch(Box::new(rewritten(*tried)), Some(Box::new(read(caught))))
        }
        Term::IfThenElse(branches, otherwise) => Term::IfThenElse(
            branches.into_iter().map(|(when, then)| (stepped(rewritten(when)), stepped(rewritten(then)))).collect(),
            otherwise.map(|otherwise| Box::new(stepped(rewritten(*otherwise)))),
        ),
        Term::Def(defs, rest) => {
            let body = |def: Def<&'s str>| Def { body: stepped(rewritten(def.body)), ..def };
            Term::Def(defs.into_iter().map(body).collect(), Box::new(rewritten(*rest)))
        }
        Term::Call(name, arguments) => call(name, arguments),
        Term::Path(inner, path) => self::path(*inner, path),
    }
}

/// With a step before each run.
pub(super) fn stepped(term: Term<&str>) -> Term<&str> {
    pipe(meter(STEP), term)
}

/// With a step for each value it gives.
fn counted(term: Term<&str>) -> Term<&str> {
    pipe(term, meter(STEP))
}

/// Weighed as it was made.
fn made(term: Term<&str>) -> Term<&str> {
    pipe(term, meter(WEIGH))
}

/// What it reads weighed before.
fn read(term: Term<&str>) -> Term<&str> {
    pipe(meter(WEIGH), term)
}

/// What an operator or a filter takes: each run and each value of it.
fn operand(term: Term<&str>) -> Term<&str> {
    stepped(made(rewritten(term)))
}

fn meter(name: &str) -> Term<&str> {
    Term::Call(name, Vec::new())
}

fn pipe<'s>(left: Term<&'s str>, right: Term<&'s str>) -> Term<&'s str> {
    Term::BinOp(Box::new(left), BinaryOp::Pipe(None), Box::new(right))
}

fn interpolated<'s>(part: StrPart<&'s str, Term<&'s str>>) -> StrPart<&'s str, Term<&'s str>> {
    match part {
        StrPart::Term(term) => StrPart::Term(operand(term)),
        StrPart::Str(_) | StrPart::Char(_) => part,
    }
}

fn member<'s>((key, value): (Term<&'s str>, Option<Term<&'s str>>)) -> (Term<&'s str>, Option<Term<&'s str>>) {
    // Names and variables may stand without a value, which only they can.
    let key = if let Term::Str(format, parts) = key {
        Term::Str(format, parts.into_iter().map(interpolated).collect())
    } else if matches!(key, Term::Var(_)) {
        key
    } else {
        operand(key)
    };
    (key, value.map(|value| stepped(rewritten(value))))
}

fn operation<'s>(left: Term<&'s str>, op: BinaryOp<&'s str>, right: Term<&'s str>) -> Term<&'s str> {
    let join = |left, op, right| Term::BinOp(Box::new(left), op, Box::new(right));
    match op {
        BinaryOp::Pipe(bound) => join(rewritten(left), BinaryOp::Pipe(bound.map(pattern)), stepped(rewritten(right))),
        BinaryOp::Comma => join(rewritten(left), op, rewritten(right)),
        BinaryOp::Alt | BinaryOp::Or | BinaryOp::And => join(stepped(rewritten(left)), op, stepped(rewritten(right))),
        // These can make much of little at once.
        BinaryOp::Math(Math::Mul) => made(Term::Call(MULTIPLIED, vec![operand(left), operand(right)])),
        BinaryOp::Math(Math::Div) => made(Term::Call(DIVIDED, vec![operand(left), operand(right)])),
        BinaryOp::Math(Math::Add | Math::Sub | Math::Rem) => made(join(operand(left), op, operand(right))),
        BinaryOp::Cmp(_) => join(operand(left), op, operand(right)),
        BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateAlt => {
            read(made(join(rewritten(left), op, operand(right))))
        }
        BinaryOp::UpdateMath(math) => {
            let changed = join(Term::Id, BinaryOp::Math(math), Term::Var(RIGHT));
            let update = join(left, BinaryOp::Update, changed);
            rewritten(join(right, BinaryOp::Pipe(Some(Pattern::Var(RIGHT))), update))
        }
    }
}

fn pattern(pattern: Pattern<&str>) -> Pattern<&str> {
    match pattern {
        Pattern::Var(_) => pattern,
        Pattern::Arr(items) => Pattern::Arr(items.into_iter().map(self::pattern).collect()),
        Pattern::Obj(members) => {
            Pattern::Obj(members.into_iter().map(|(key, member)| (index(key), self::pattern(member))).collect())
        }
    }
}

fn call<'s>(name: &'s str, arguments: Vec<Term<&'s str>>) -> Term<&'s str> {
    match natives::kind(name, arguments.len()) {
        Some(Kind::Value) => {
            let arguments = arguments.into_iter().map(operand).collect();
            read(made(Term::Call(name, arguments)))
        }
        Some(Kind::Stream) => stepped(counted(Term::Call(name, arguments.into_iter().map(operand).collect()))),
        None => {
            let arguments = arguments.into_iter().map(|argument| stepped(rewritten(argument))).collect();
            stepped(Term::Call(name, arguments))
        }
    }
}

fn path<'s>(inner: Term<&'s str>, path: Path<Term<&'s str>>) -> Term<&'s str> {
    let is_plain = |(part, _): &(Part<Term<&'s str>>, _)| matches!(part, Part::Index(index) if is_literal(index));
    if path.0.iter().all(is_plain) {
        return Term::Path(Box::new(rewritten(inner)), path);
    }
    let part = |part: Part<Term<&'s str>>| match part {
        Part::Index(key) => Part::Index(index(key)),
        Part::Range(from, to) => Part::Range(from.map(operand), to.map(operand)),
    };
    let parts = path.0.into_iter().map(|(one, optional)| (part(one), optional)).collect();
    // What is gone through is copied where it is shared, and texts are gone through to be cut.
    counted(Term::Path(Box::new(made(rewritten(inner))), Path(parts)))
}

/// An index: no array, which would be searched for.
fn index(term: Term<&str>) -> Term<&str> {
    if is_literal(&term) { term } else { pipe(stepped(rewritten(term)), meter(KEY)) }
}

fn is_literal(term: &Term<&str>) -> bool {
    let is_text = |parts: &[StrPart<&str, Term<&str>>]| parts.iter().all(|part| !matches!(part, StrPart::Term(_)));
    matches!(term, Term::Num(_)) || matches!(term, Term::Str(None, parts) if is_text(parts))
}
