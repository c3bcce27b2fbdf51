//! `deploy/METRICS.md`: every metric, and the alerts that read it.

use std::{fmt::Write as _, fs};

use kenh_runtime::metrics::{ALL, Kind};
use kenh_tests::repository;

const INTRODUCTION: &str = "# Metrics

Made from the code by `make golden`; not edited by hand. Every role serves them as `/metrics` in the text form of Prometheus, at
the address of `admin.listen` (9090). Labels come from closed lists: nothing of what people write or are called stands in one. The
alerts are those of [the chart](../helm/kenh/README.md#alerts).

| Metric | Kind | What it counts | Alerts |
| --- | --- | --- | --- |
";

pub(crate) fn render() -> String {
    let alerts = fs::read_to_string(repository().join("helm/kenh/alerts.yaml")).unwrap();
    let alerts: Vec<_> = alerts.split("- alert: ").skip(1).collect();
    let mut out = String::from(INTRODUCTION);
    let mut all = ALL.to_vec();
    all.sort_unstable_by_key(|metric| metric.name);
    for metric in all {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let reads =
            |alert: &&&str| alert.split(|at: char| !at.is_alphanumeric() && at != '_').any(|word| word == metric.name);
        let alerts: Vec<_> = alerts
            .iter()
            .filter(reads)
            .filter_map(|alert| alert.lines().next())
            .map(|name| format!("`{name}`"))
            .collect();
        _ = writeln!(out, "| `{}` | {kind} | {} | {} |", metric.name, metric.help.trim(), alerts.join(", "));
    }
    out
}
