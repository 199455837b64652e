//! What `overdue policy show` tells of an `overdue.toml` beside its deadlines: choices, exceptions, sections.

use serde::Serialize;

use crate::{
    inventory::pep508::direct_reference::disclosed,
    model::Timestamp,
    policy::{
        Accepted, Clock, Config, DueSoon, Exception, PrivateIndex, Response, Stage, Tier,
        calendar::{Calendar, WEEKDAYS},
        stated::{Section, Stated},
    },
    report::phrases::{count, duration, safe, shorten},
};

/// The parts of it, each a title with rows: nothing, what, what is stated, the line, the words.
pub(super) fn parts(config: &Config) -> Vec<(&'static str, Vec<Vec<String>>)> {
    vec![
        ("judging", choices(&config.stated)),
        ("calendar", config.stated.calendar.iter().flat_map(calendar).collect()),
        ("data", config.max_db_age.iter().map(|age| row("max age", &duration(*age), None, "")).collect()),
        ("exceptions", config.exceptions.iter().map(exception).collect()),
        ("accepted", config.accepted.iter().map(accepted).collect()),
        ("responses", config.responses.iter().map(response).collect()),
        ("private", config.private_indexes.iter().map(private).collect()),
        ("elsewhere", config.elsewhere.iter().map(|rule| row(&rule.manifest, "resolved elsewhere", Some(rule.line), &rule.by)).collect()),
        ("paths", config.sections.iter().map(section).collect()),
    ]
}

fn row(what: &str, said: &str, line: Option<u32>, words: &str) -> Vec<String> {
    let place = line.map_or_else(String::new, |line| format!("line {line}"));
    vec![String::new(), shorten(&safe(what), 40), safe(said), place, safe(words)]
}

fn choices(stated: &Stated) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    rows.extend(stated.clock.map(|clock| row("clock", clock.as_str(), None, "")));
    rows.extend(stated.unscored.map(|tier| row("unscored", &format!("judged as {}", tier.as_str()), None, "")));
    rows.extend(stated.due_soon.map(|soon| row("due soon", &due_soon(soon), None, "")));
    rows.extend(stated.state.as_ref().map(|file| row("state", file, None, "")));
    rows.extend(stated.fail_on.as_ref().map(|fail_on| row("fail-on", &fail_on.to_string(), None, "")));
    rows.extend(stated.base.filter(|base| !base).map(|_| row("gate", "not by what the base of an image brought", None, "")));
    rows.extend(stated.admitted.filter(|admitted| !admitted).map(|_| row("gate", "not by what is only let in", None, "")));
    let names = |names: Vec<&str>| names.join(", ");
    let kinds = stated.kinds.as_ref().map(|kinds| names(kinds.iter().map(|kind| kind.as_str()).collect()));
    rows.extend(kinds.map(|kinds| row("kinds", &kinds, None, "")));
    let groups = stated.groups.as_ref().map(|groups| names(groups.iter().map(|group| group.as_str()).collect()));
    rows.extend(groups.map(|groups| row("groups", &groups, None, "")));
    rows
}

fn due_soon(DueSoon { share, at_most }: DueSoon) -> String {
    format!("the last {share} % of the period, at most {}", duration(at_most))
}

fn calendar(calendar: &Calendar) -> Vec<Vec<String>> {
    let weekend: Vec<&str> = calendar.weekend.iter().filter_map(|day| WEEKDAYS.get(usize::from(*day)).copied()).collect();
    let weekend = if weekend.is_empty() { "none".to_owned() } else { weekend.join(", ") };
    let holidays: Vec<&str> = calendar.holidays.iter().map(String::as_str).collect();
    let offset = calendar.offset / 60;
    let sign = if offset < 0 { '-' } else { '+' };
    let offset = format!("UTC{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60);
    vec![
        row("weekend", &weekend, None, ""),
        row("holidays", &count(holidays.len() as u64, "day"), None, &holidays.join(", ")),
        row("midnight", &offset, None, ""),
    ]
}

fn exception(exception: &Exception) -> Vec<String> {
    let until = if exception.until_fixed { ", or until there is a fix" } else { "" };
    row(&exception.subject(), &format!("until {}{until}", exception.expires.date()), Some(exception.line), &exception.reason)
}

fn accepted(accepted: &Accepted) -> Vec<String> {
    row(&accepted.subject(), &format!("until {}", accepted.expires.date()), Some(accepted.line), &accepted.reason)
}

fn response(response: &Response) -> Vec<String> {
    let package = response.package.as_ref().map_or_else(String::new, |package| format!(" in {package}"));
    let what = format!("{}{package}", response.id);
    row(&what, &format!("answered on {}", response.at.date()), Some(response.line), response.note.as_deref().unwrap_or_default())
}

fn private(index: &PrivateIndex) -> Vec<String> {
    row(&disclosed(&index.url), "not matched by name", Some(index.line), &index.packages.join(", "))
}

/// What a section states, in short.
fn section(section: &Section) -> Vec<String> {
    let Stated { reading, clock, unscored, due_soon, fail_on, calendar, kinds, groups, admitted, base, exploited, .. } = &section.stated;
    let fix = |tier: Tier| {
        let row = reading.tiers.iter().find(|row| row.tier == tier)?;
        let stages = [Stage::Respond, Stage::Fix].into_iter().filter_map(|stage| row.deadlines.get(&stage).map(|d| (stage, d)));
        let said: Vec<String> = stages.map(|(stage, deadline)| format!("{} {} {}", tier.as_str(), stage.as_str(), deadline.text)).collect();
        (!said.is_empty()).then(|| said.join(", "))
    };
    let mut said: Vec<String> = Tier::ALL.into_iter().filter_map(fix).collect();
    said.extend(reading.general.iter().map(|(stage, deadline)| format!("all {} {}", stage.as_str(), deadline.text)));
    said.extend((!reading.rules.is_empty()).then(|| count(reading.rules.len() as u64, "rule")));
    said.extend(clock.map(|clock| format!("from {}", clock.as_str())));
    said.extend(unscored.map(|tier| format!("unscored as {}", tier.as_str())));
    said.extend(fail_on.as_ref().map(|fail_on| format!("fails on {fail_on}")));
    let others = [
        due_soon.is_some(),
        calendar.is_some(),
        kinds.is_some(),
        groups.is_some(),
        admitted.is_some(),
        base.is_some(),
        exploited.is_some(),
    ];
    let others = others.into_iter().filter(|is| *is).count();
    said.extend((others > 0).then(|| count(others as u64, "other choice")));
    row(&section.path, &said.join(" · "), Some(section.line), "")
}

/// The same for machines.
#[derive(Serialize)]
pub(super) struct ConfigJson<'a> {
    clock: Option<&'static str>,
    unscored: Option<&'static str>,
    fail_on: Option<String>,
    state: Option<&'a str>,
    exceptions: Vec<ExceptionJson<'a>>,
    accepted: Vec<AcceptedJson<'a>>,
    responses: Vec<ResponseJson<'a>>,
    private_indexes: Vec<String>,
    paths: Vec<SectionJson<'a>>,
    unfilled: Vec<UnfilledJson<'a>>,
}

#[derive(Serialize)]
struct ExceptionJson<'a> {
    id: &'a str,
    package: Option<&'a str>,
    versions: Option<&'a str>,
    path: Option<&'a str>,
    until_fixed: bool,
    reason: &'a str,
    expires: Timestamp,
    line: u32,
}

#[derive(Serialize)]
struct AcceptedJson<'a> {
    subject: Option<&'a str>,
    path: Option<&'a str>,
    because: Option<&'a str>,
    reason: &'a str,
    expires: Timestamp,
    line: u32,
}

#[derive(Serialize)]
struct ResponseJson<'a> {
    id: &'a str,
    package: Option<&'a str>,
    at: Timestamp,
    note: Option<&'a str>,
    line: u32,
}

#[derive(Serialize)]
struct SectionJson<'a> {
    path: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct UnfilledJson<'a> {
    line: Option<u32>,
    cause: &'a str,
}

impl<'a> From<&'a Config> for ConfigJson<'a> {
    fn from(config: &'a Config) -> Self {
        let Config { stated, sections, exceptions, accepted, responses, private_indexes, unfilled, .. } = config;
        Self {
            clock: stated.clock.map(Clock::as_str),
            unscored: stated.unscored.map(Tier::as_str),
            fail_on: stated.fail_on.as_ref().map(ToString::to_string),
            state: stated.state.as_deref(),
            exceptions: exceptions.iter().map(ExceptionJson::from).collect(),
            accepted: accepted.iter().map(AcceptedJson::from).collect(),
            responses: responses.iter().map(ResponseJson::from).collect(),
            private_indexes: private_indexes.iter().map(|index| disclosed(&index.url)).collect(),
            paths: sections.iter().map(|section| SectionJson { path: &section.path, line: section.line }).collect(),
            unfilled: unfilled.iter().map(|error| UnfilledJson { line: error.line, cause: &error.cause }).collect(),
        }
    }
}

impl<'a> From<&'a Exception> for ExceptionJson<'a> {
    fn from(exception: &'a Exception) -> Self {
        let Exception { id, package, versions, path, until_fixed, reason, expires, line, .. } = exception;
        let versions = versions.as_ref().map(|versions| versions.text.as_str());
        let (package, path) = (package.as_deref(), path.as_deref());
        Self { id, package, versions, path, until_fixed: *until_fixed, reason, expires: *expires, line: *line }
    }
}

impl<'a> From<&'a Accepted> for AcceptedJson<'a> {
    fn from(accepted: &'a Accepted) -> Self {
        let Accepted { path, subject, because, reason, expires, line, .. } = accepted;
        let (subject, path, because) = (subject.as_deref(), path.as_deref(), because.as_deref());
        Self { subject, path, because, reason, expires: *expires, line: *line }
    }
}

impl<'a> From<&'a Response> for ResponseJson<'a> {
    fn from(response: &'a Response) -> Self {
        let Response { id, package, at, note, line, .. } = response;
        Self { id, package: package.as_deref(), at: *at, note: note.as_deref(), line: *line }
    }
}
