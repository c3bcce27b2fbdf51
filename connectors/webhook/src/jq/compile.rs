//! A program, ready to run.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::OnceLock, thread};

use jaq_core::{
    Compiler, Ctx, Filter, Vars,
    load::{
        Arena, File, Lexer, Loader, Parser,
        lex::{StrPart, Tok, Token},
        parse::{Def, Term},
    },
};
use jaq_json::Val;

use super::{
    Ended, Fault, Meter,
    check::{Known, check},
    meter::{Metered, Run},
    natives,
    rewrite::rewritten,
};

/// Bytes of a program at most.
const LONGEST: usize = 32 << 10;
/// Brackets in one another at most.
const DEEPEST: usize = 64;
/// Words and signs of a program at most.
const MOST_TOKENS: usize = 4000;
/// Reading a program recurs with each of them.
const STACK: usize = 256 << 20;
/// Characters of an error that are told at most.
const LONGEST_SAID: usize = 200;
/// What stands for the program within the compiled text.
const MAIN: &str = "kenh_main";

/// The filters of the language that are written in it.
const PRELUDE: &str = include_str!("prelude.jq");

/// A program that was compiled.
pub(crate) struct Program(Filter<Metered>);

// By hand: what is compiled says nothing to a reader.
impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Program")
    }
}

/// What a program gives, in order. Ends behind the first `Err`.
pub(super) type Outputs<'a> = Box<dyn Iterator<Item = Result<Val, Ended>> + 'a>;

impl Program {
    /// Compiles a program that may use these variables, whose names begin with a dollar sign.
    pub(crate) fn compile(code: &str, variables: &[&'static str]) -> Result<Self, Vec<Fault>> {
        if code.len() > LONGEST {
            return Err(vec![Fault::whole(format!("expected a program of at most {LONGEST} bytes"))]);
        }
        if let Some(deep) = too_deep(code) {
            return Err(vec![Fault::at(code, deep, format!("expected at most {DEEPEST} brackets in one another"))]);
        }
        // On a stack of its own: reading recurs with the length of the program.
        thread::scope(|scope| {
            let reading = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || compile(code, variables));
            let compiled = reading.ok().and_then(|reading| reading.join().ok());
            compiled.unwrap_or_else(|| Err(vec![Fault::whole("it cannot be read; write it shorter")]))
        })
    }

    /// Runs it, with the values of its variables in the order they were given to [`Program::compile`].
    pub(crate) fn run<'a>(&'a self, input: Val, variables: &[Val], meter: &'a Meter) -> Outputs<'a> {
        let run = Run { filters: &self.0.lut, meter };
        let context = Ctx::<Metered>::new(run, Vars::new(variables.iter().cloned()));
        // A fault of the library ends the run, not the process.
        let guarded = |step: &mut dyn FnMut() -> Option<Result<Val, Ended>>| {
            std::panic::catch_unwind(AssertUnwindSafe(step)).unwrap_or(Some(Err(Ended::Error)))
        };
        let id = &self.0.id;
        let (mut begin, mut outputs) = (Some((context, input)), None);
        let mut over = false;
        Box::new(std::iter::from_fn(move || {
            if over {
                return None;
            }
            let item = guarded(&mut || {
                let outputs = outputs.get_or_insert_with(|| begin.take().map(|begin| id.run(begin)));
                let item = outputs.as_mut()?.next()?;
                // What is given is written down, whole: it is weighed as what is made.
                let item = item.and_then(|value| meter.weigh(&value).map(|()| value));
                Some(item.map_err(|_| meter.reached().map_or(Ended::Error, Ended::Bound)))
            });
            over = !matches!(item, Some(Ok(_)));
            item
        }))
    }

    /// What it says where it fails. This may be anything of the input: only for examples.
    pub(crate) fn failure(&self, input: Val, variables: &[Val], meter: &Meter) -> Option<String> {
        let context = Ctx::<Metered>::new(Run { filters: &self.0.lut, meter }, Vars::new(variables.iter().cloned()));
        let failed = self.0.id.run((context, input)).find_map(Result::err)?;
        let error = failed.get_err().ok()?;
        Some(error.to_string().chars().take(LONGEST_SAID).collect())
    }

    /// The first value it gives.
    pub(crate) fn first(&self, input: Val, variables: &[Val], meter: &Meter) -> Option<Result<Val, Ended>> {
        self.run(input, variables, meter).next()
    }
}

/// The first bracket that is too many, brackets in texts counted too.
fn too_deep(code: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, sign) in code.char_indices() {
        match sign {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return code.get(at..);
        }
    }
    None
}

fn compile(code: &str, variables: &[&'static str]) -> Result<Program, Vec<Fault>> {
    let program = parsed(code)?;
    check(code, &program, known())?;
    let main = Def { name: MAIN, args: variables.to_vec(), body: rewritten(program) };
    let call = format!("{MAIN}{}", arguments(variables));
    let arena = Arena::default();
    let modules = Loader::new(prelude().into_iter().chain([main])).load(&arena, File { code: &call, path: () });
    let modules = modules.map_err(|_| vec![Fault::whole("it cannot be read")])?;
    let compiled = Compiler::<_, Metered>::default()
        .with_funs(natives::all())
        .with_global_vars(variables.iter().copied())
        .compile(modules);
    compiled.map(Program).map_err(|errors| {
        let undefined = errors.into_iter().flat_map(|(_, undefined)| undefined);
        undefined
            .map(|(part, what)| Fault::at(code, part, format!("there is no {} {part} here", what.as_str())))
            .collect()
    })
}

fn arguments(variables: &[&str]) -> String {
    if variables.is_empty() { String::new() } else { format!("({})", variables.join("; ")) }
}

fn parsed(code: &str) -> Result<Term<&str>, Vec<Fault>> {
    let rest = |part: &str| if part.is_empty() { "the end".to_owned() } else { format!("`{}`", shown(part)) };
    let tokens = Lexer::new(code).lex().map_err(|errors| {
        let fault = |(wanted, found): (jaq_core::load::lex::Expect<&str>, &str)| {
            Fault::at(code, found, format!("expected {}, found {}", wanted.as_str(), rest(found)))
        };
        errors.into_iter().map(fault).collect::<Vec<_>>()
    })?;
    if count(&tokens) > MOST_TOKENS {
        return Err(vec![Fault::whole(format!("expected a program of at most {MOST_TOKENS} words and signs"))]);
    }
    Parser::new(&tokens).parse(Parser::term).map_err(|errors| {
        let fault = |(wanted, found): (jaq_core::load::parse::Expect<&str>, Option<&Token<&str>>)| {
            let found = Token::opt_as_str(found, code);
            Fault::at(code, found, format!("expected {}, found {}", wanted.as_str(), rest(found)))
        };
        errors.into_iter().map(fault).collect()
    })
}

fn count(tokens: &[Token<&str>]) -> usize {
    let within = |token: &Token<&str>| match &token.1 {
        Tok::Block(inner) => count(inner),
        Tok::Str(parts) => {
            let inner = parts.iter().map(|part| match part {
                StrPart::Term(Token(_, Tok::Block(inner))) => 1 + count(inner),
                StrPart::Term(_) | StrPart::Str(_) | StrPart::Char(_) => 1,
            });
            inner.sum()
        }
        Tok::Word | Tok::Var | Tok::Fmt | Tok::Num | Tok::Sym => 0,
    };
    tokens.iter().map(|token| 1 + within(token)).sum()
}

/// The first word of what is left of a program.
fn shown(part: &str) -> String {
    part.chars().take_while(|sign| !sign.is_whitespace()).take(20).collect()
}

fn prelude() -> Vec<Def<&'static str>> {
    let defined = jaq_core::load::parse(PRELUDE, |parser| parser.defs()).unwrap_or_default();
    let rewrite = |def: Def<&'static str>| Def { body: super::rewrite::stepped(rewritten(def.body)), ..def };
    defined.into_iter().map(rewrite).collect()
}

/// The filters a program may call, each with how deep it is nested.
fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut known: Known = natives::names().map(|name| (name, 1)).collect::<HashMap<_, _>>().into();
        for def in jaq_core::load::parse(PRELUDE, |parser| parser.defs()).unwrap_or_default() {
            known.define(&def);
        }
        known
    })
}
