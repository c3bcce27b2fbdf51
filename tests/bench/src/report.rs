//! The figures, as a table and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// One figure.
#[derive(Debug)]
pub(crate) struct Row {
    what: String,
    figure: f64,
    unit: &'static str,
    target: Option<Target>,
}

/// Where a figure has to lie.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// Here or above.
    AtLeast(f64),
    /// Here or below.
    AtMost(f64),
}

impl Target {
    fn is_met(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }

    fn words(self) -> String {
        match self {
            Self::AtLeast(least) => format!("at least {least}"),
            Self::AtMost(most) => format!("at most {most}"),
        }
    }
}

impl Row {
    /// A figure that says something about another one.
    pub(crate) fn new(what: impl Into<String>, figure: f64, unit: &'static str) -> Self {
        Self { what: what.into(), figure, unit, target: None }
    }

    /// A figure that has to lie somewhere.
    pub(crate) fn with(self, target: Target) -> Self {
        Self { target: Some(target), ..self }
    }

    fn verdict(&self) -> Option<&'static str> {
        self.target.map(|target| if target.is_met(self.figure) { "met" } else { "missed" })
    }
}

/// The figures as a Markdown table.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = String::from("| What | Figure | Target | |\n| --- | ---: | --- | --- |\n");
    for row in rows {
        let Row { what, figure, unit, target } = row;
        let figure = if *figure < 100.0 { format!("{figure:.2}") } else { format!("{figure:.0}") };
        let target = target.map(Target::words).unwrap_or_default();
        let verdict = row.verdict().unwrap_or_default();
        let figure = format!("{figure} {unit}");
        writeln!(text, "| {what} | {} | {target} | {verdict} |", figure.trim_end()).expect("memory");
    }
    text
}

/// The figures as JSON.
pub(crate) fn json(rows: &[Row]) -> String {
    let row = |row: &Row| {
        json!({"what": row.what, "figure": row.figure, "unit": row.unit,
               "target": row.target.map(Target::words), "verdict": row.verdict()})
    };
    format!("{:#}\n", Value::Array(rows.iter().map(row).collect()))
}

/// The middle one of some figures.
pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().expect("at least one figure")
}
