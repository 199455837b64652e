//! What a sentence promises: its figures, each with its stage and tiers, from the sentence itself ([`spans`](super::spans))
//! or from what it stands under.

use std::ops::Range;

use super::{
    aside::{DEPENDING, anchors, are_paired, asides, at_latest, excludes, has_loose_number, remarks},
    bounds,
    figure::{Figure, Form, figures},
    naming, promise,
    severity::{Reading, Scope, tier_marks},
    spans::{Group, Spans, tier_group},
    stage::{StageMark, stage_marks},
    token::{Token, contains},
};
use crate::policy::Stage;

/// What a text stands under: its label, row, list and headings.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Context {
    /// The stages that its surroundings name; several or none tell nothing unless `joint`.
    pub(super) stages: Vec<Stage>,
    /// Whether the stages are meant together, as in the label `Acknowledgement and triage`.
    pub(super) joint: bool,
    /// Whether the stage is an initial response.
    pub(super) initial: bool,
    /// The tiers that its surroundings name.
    pub(super) scope: Option<Scope>,
    /// Whether its surroundings call it an aim.
    pub(super) soft: bool,
    /// Whether it is a value of a label or a cell, so that a figure by itself is a statement.
    pub(super) value: bool,
    /// Whether what introduces it promises nothing, so that neither does it.
    pub(super) void: bool,
    /// Whether a label says that it is about something else than a stage or a tier.
    pub(super) foreign: bool,
    /// Whether a sentence before it was about a tier, and it does not say whether it still is.
    pub(super) hanging: bool,
    /// Whether it is introduced as what we do, so that `provide updates` tells nobody else to.
    pub(super) ours: bool,
    /// Whether the context is strong enough to give a sentence its stage: a label does, a heading only for values.
    pub(super) labelled: bool,
}

impl Context {
    fn stage(&self) -> Vec<(Stage, bool)> {
        match self.stages.as_slice() {
            [stage] => vec![(*stage, self.initial)],
            many if self.joint => many.iter().map(|stage| (*stage, self.initial)).collect(),
            _ => Vec::new(),
        }
    }
}

/// A statement that a sentence makes.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// The stage.
    pub(super) stage: Stage,
    /// Whom it is about; `None` in general.
    pub(super) scope: Option<Scope>,
    /// When.
    pub(super) figure: Figure,
    /// Whether it is an aim.
    pub(super) soft: bool,
}

/// What a sentence says.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    /// Its statements.
    pub(super) statements: Vec<Statement>,
    /// Whether it looks like a promise that was not understood.
    pub(super) puzzling: bool,
    /// Whether it has a figure that nobody has filled in.
    pub(super) unfilled: bool,
}

const AIMS: [&str; 37] = [
    "aim", "aims", "aiming", "strive", "strives", "try", "tries", "attempt", "attempts", "endeavor", "endeavour", "endeavors",
    "endeavours", "goal", "goals", "target", "targets", "targeted", "targeting", "objective", "objectives", "intend", "intends", "hope",
    "hopes", "typically", "usually", "normally", "generally", "ideally", "should", "intention", "attempted", "aspire", "typical", "aimed",
    "intended",
];

/// Words that make a promise of what follows.
const FIRM: [&str; 7] = ["will", "must", "shall", "we'll", "i'll", "guarantee", "commit"];

/// Figures of a sentence that are told apart.
const MOST: usize = 16;

/// Whether words call what follows an aim.
pub(super) fn is_soft(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.any(&AIMS))
        || contains(tokens, &["best", "effort"])
        || contains(tokens, &["best", "efforts"])
        || contains(tokens, &["best", "-", "effort"])
        || contains(tokens, &["our", "best"])
        || contains(tokens, &["my", "best"])
        || contains(tokens, &["where", "possible"])
        || contains(tokens, &["if", "possible"])
        || contains(tokens, &["when", "possible"])
        || contains(tokens, &["whenever", "possible"])
        || contains(tokens, &["wherever", "possible"])
}

/// The figures of a sentence that something may be promised by.
fn limits(tokens: &[Token], out: &[Range<usize>], code: &[Range<usize>]) -> Vec<Figure> {
    let mut found = figures(tokens);
    found.retain(|figure| {
        let place = tokens[figure.span.start].start;
        !out.iter().any(|part| part.contains(&figure.span.start)) && !code.iter().any(|part| part.contains(&place))
    });
    found
}

/// Reads one sentence. `code` are parts of the text that are code.
pub(super) fn read(tokens: &[Token], context: &Context, code: &[Range<usize>]) -> Said {
    let mut said = Said::default();
    let out = promise::taken_out(tokens, context.ours);
    let mut found = limits(tokens, &out, code);
    let mut anchors = anchors(tokens, &found);
    anchors.extend(asides(tokens));
    let mut stages = stage_marks(tokens);
    stages.retain(|mark| !mark.anchor && !mark.thing && !anchors.iter().chain(&out).any(|part| part.contains(&mark.start)));
    let reading = if context.value { Reading::Label } else { Reading::Prose };
    let mut tiers = tier_marks(tokens, reading);
    let remarks = remarks(tokens);
    tiers.retain(|mark| !remarks.iter().any(|part| part.contains(&mark.start)));
    weigh(tokens, &mut found, &stages);
    if found.is_empty() {
        return said;
    }
    // Nobody writes such a sentence, and telling its figures apart would take long.
    if found.len() > MOST {
        said.puzzling = found.iter().any(Figure::says_when) && (!stages.is_empty() || !context.stages.is_empty() || !tiers.is_empty());
        return said;
    }
    // "All except critical ones", "7, 14 and 30 days respectively": whose a figure is takes more than words.
    let beyond = excludes(tokens, &tiers)
        || are_paired(tokens, &found)
        || has_loose_number(tokens, &found)
        || tokens.iter().any(|token| token.is("respectively"))
        || at_latest(tokens);
    let pairs = context.stages.len() > 1 && found.iter().filter(|figure| figure.limit.is_some()).count() > 1;
    if beyond || (pairs && stages.is_empty()) {
        said.puzzling = found.iter().any(|figure| figure.says_when() || figure.form == Form::Unread)
            && (!stages.is_empty() || !context.stages.is_empty());
        return said;
    }
    // CVSS scores without a name of a tier.
    let scored = (tiers.is_empty() && tokens.iter().any(|token| token.is("cvss")))
        .then(|| bounds::bounds(tokens, true).map_or(Scope::Unknown, naming::by_bounds));
    let stage_free = stages.is_empty() && context.stages.is_empty();
    for index in 0..found.len() {
        let figure = &found[index];
        let spans = Spans { tokens, found: &found, index };
        // "depends on how hard it is to fix" says nothing of fixing.
        let depends = tokens[figure.span.start].any(&DEPENDING);
        let weak = depends || (context.labelled && !context.stages.is_empty());
        let own = spans.nearest(&stages.iter().map(|mark| mark.start..mark.end).collect::<Vec<_>>(), weak);
        let own: Vec<&StageMark> = own.iter().map(|at| &stages[*at]).collect();
        let told = own.is_empty() && context.labelled && !context.stages.is_empty();
        let stage_ahead = told || own.first().is_some_and(|mark| mark.start < figure.span.start);
        let around = tier_group(tokens, &tiers, &spans, stage_ahead);
        let scope = match around {
            Group::None if scored.is_some() => scored.clone(),
            Group::None => context.scope.clone().filter(|scope| *scope != Scope::All),
            Group::One(Scope::All) => None,
            Group::One(scope) => Some(scope),
            Group::Unclear => {
                said.puzzling |= !own.is_empty() || !context.stages.is_empty();
                continue;
            }
        };
        if matches!(figure.form, Form::Unfilled | Form::Unread) {
            let about = !own.is_empty() || !context.stages.is_empty() || scope.is_some();
            said.unfilled |= about && figure.form == Form::Unfilled;
            said.puzzling |= about;
            continue;
        }
        let is_update = figure.recurring && !context.foreign && own.is_empty() && is_about_updates(tokens);
        // News every week say nothing of the next figure.
        let is_carried = own.first().is_some_and(|mark| {
            mark.stage == Stage::StatusUpdate && mark.end <= found[..index].last().map_or(0, |before| before.span.start)
        });
        if is_carried && !figure.recurring {
            continue;
        }
        let stages = if is_update {
            vec![(Stage::StatusUpdate, false)]
        } else if own.is_empty() {
            from_context(context, figure, &stages)
        } else {
            own.iter().map(|mark| (mark.stage, mark.initial)).collect()
        };
        if scope == Some(Scope::Unknown) || stages.is_empty() {
            said.puzzling |= is_promising(context, figure, scope.as_ref(), &own) || (stage_free && is_ours(tokens, figure));
            continue;
        }
        let firm = tokens[..figure.span.start].iter().any(|token| token.any(&FIRM));
        let soft = (context.soft && !firm) || is_soft_here(tokens, &spans);
        if context.hanging && scope.is_none() && figure.says_when() {
            said.puzzling = true;
            continue;
        }
        for (stage, initial) in stages {
            let stage = if initial && scope.is_none() { Stage::Acknowledge } else { stage };
            match accepted(stage, figure, scope.as_ref()) {
                Accepted::Yes => said.statements.push(Statement { stage, scope: scope.clone(), figure: figure.clone(), soft }),
                Accepted::Puzzling => said.puzzling = true,
                Accepted::No => {}
            }
        }
    }
    said
}

/// Drops mere words where a figure says the same thing better, or where no stage is near: `immediately delete the data`.
fn weigh(tokens: &[Token], found: &mut Vec<Figure>, stages: &[StageMark]) {
    let any_figure = found.iter().any(Figure::says_when);
    let mentions_stage = |figure: &Figure| {
        let near = figure.span.start.saturating_sub(14)..(figure.span.end + 10).min(tokens.len());
        stages.iter().any(|mark| near.contains(&mark.start))
    };
    let is_depending = |figure: &Figure| tokens[figure.span.start].any(&DEPENDING);
    let whole = found.len() == 1;
    // "Immediate hotfix within 24 hours"
    let next: Vec<usize> = found.iter().filter(|figure| figure.limit.is_some()).map(|figure| figure.span.start).collect();
    found.retain(|figure| {
        let is_introduction = next.iter().any(|start| *start >= figure.span.end && start - figure.span.end <= 2);
        figure.form != Form::Words || figure.until.is_some() || !is_introduction
    });
    found.retain(|figure| {
        figure.form != Form::Words || figure.until.is_some() || (mentions_stage(figure) || whole) && !(any_figure && is_depending(figure))
    });
    // Only status updates are promised again and again.
    let about_updates = stages.iter().any(|mark| mark.stage == Stage::StatusUpdate)
        || tokens.iter().any(|token| token.any(&["update", "updates", "updated"]));
    found.retain(|figure| !figure.recurring || about_updates || tokens.len() <= 12);
}

fn from_context(context: &Context, figure: &Figure, elsewhere: &[StageMark]) -> Vec<(Stage, bool)> {
    let strong = context.labelled || context.value;
    // A sentence with a stage of its own that belongs to another figure says nothing about this one.
    if !strong || (!elsewhere.is_empty() && !context.labelled) {
        return Vec::new();
    }
    if figure.form == Form::Words && !context.labelled && context.scope.is_none() {
        return Vec::new();
    }
    context.stage()
}

/// Whether something that was not understood looks like a promise.
fn is_promising(context: &Context, figure: &Figure, scope: Option<&Scope>, own: &[&StageMark]) -> bool {
    let is_about_severity = scope.is_some();
    // A label that names a stage, but not so that it tells.
    if context.labelled && context.stages.is_empty() && figure.says_when() {
        return true;
    }
    let is_figure = figure.says_when() && figure.form != Form::After && (figure.form == Form::Limit || context.value || !own.is_empty());
    is_figure && !figure.recurring && (is_about_severity || (context.value && !context.stages.is_empty()))
}

/// Whether what is promised again and again are news of a report: `regular updates every 7 days`.
fn is_about_updates(tokens: &[Token]) -> bool {
    let others = [
        "security", "dependency", "dependencies", "software", "package", "packages", "image", "images", "database", "feed", "feeds",
        "scan", "scans", "version", "os", "system",
    ];
    tokens.iter().any(|token| token.any(&["update", "updates", "updated"])) && !tokens.iter().any(|token| token.any(&others))
}

/// Whether a sentence without a stage is about what we do with reports by when: `your report is handled within 7 days`.
fn is_ours(tokens: &[Token], figure: &Figure) -> bool {
    let has = |words: &[&str]| tokens.iter().any(|token| token.any(words));
    let about_reports = has(&["report", "reports", "vulnerability", "vulnerabilities", "submission", "submissions"]);
    let does = has(&[
        "handle", "handled", "process", "processed", "close", "closed", "accept", "accepted", "action", "actioned", "deal", "dealt",
        "work", "treated", "completed", "complete",
    ]);
    figure.form == Form::Limit && figure.limit.is_some() && !figure.recurring && about_reports && does
}

enum Accepted {
    Yes,
    No,
    Puzzling,
}

/// Whether a figure can be a deadline of a stage.
fn accepted(stage: Stage, figure: &Figure, scope: Option<&Scope>) -> Accepted {
    match stage {
        Stage::StatusUpdate if scope.is_some() => Accepted::Puzzling,
        Stage::StatusUpdate if !figure.says_when() => Accepted::No,
        Stage::StatusUpdate => Accepted::Yes,
        // A patch every month is no deadline for one.
        _ if figure.recurring => Accepted::No,
        Stage::Disclose => Accepted::Yes,
        // Nobody answers with a release.
        Stage::Acknowledge | Stage::Assess | Stage::Respond if figure.limit.is_none() && figure.until.is_some() => Accepted::Puzzling,
        _ if figure.form == Form::After => Accepted::No,
        _ => Accepted::Yes,
    }
}

/// Whether the words up to a figure, or right behind it, call it an aim.
fn is_soft_here(tokens: &[Token], spans: &Spans<'_>) -> bool {
    let figure = &spans.found[spans.index];
    let before = &tokens[..figure.span.start];
    let firm = before.iter().rposition(|token| token.any(&FIRM));
    // "Should an issue be critical, ..." is a condition.
    let aim = before.iter().enumerate().rposition(|(at, token)| token.any(&AIMS) && !(at == 0 && token.is("should")));
    let aimed = match (aim, firm) {
        // "we aim to ..., and will ..."
        (Some(aim), Some(firm)) => {
            aim > firm || tokens[(aim + 2).min(firm)..firm].iter().all(|token| !token.any(&["and", ",", "but", ";"]))
        }
        (Some(_), None) => true,
        (None, _) => false,
    };
    let end = spans.found.get(spans.index + 1).map_or(tokens.len(), |next| next.span.start);
    // "at most three days, and try to ..." is no aim of three days.
    let end = (figure.span.end..end).find(|at| tokens[*at].any(&[",", "and", "but", ".", ";"])).unwrap_or(end);
    let around = &tokens[figure.span.start..end];
    aimed || is_soft(around) || (spans.index == 0 && is_soft_phrase(before))
}

fn is_soft_phrase(before: &[Token]) -> bool {
    contains(before, &["our", "best"])
        || contains(before, &["my", "best"])
        || contains(before, &["best", "effort"])
        || contains(before, &["best", "-", "effort"])
        || contains(before, &["where", "possible"])
        || contains(before, &["if", "possible"])
}

#[cfg(test)]
mod tests {
    use super::{Context, Scope, read};
    use crate::policy::security_md::token::tokens;

    fn said(text: &str, context: &Context) -> Vec<String> {
        let said = read(&tokens(text), context, &[]);
        let mut lines: Vec<String> = said
            .statements
            .iter()
            .map(|statement| {
                let scope = match &statement.scope {
                    None => "general".to_owned(),
                    Some(Scope::Tiers(tiers)) => tiers.iter().map(|tier| tier.as_str()).collect::<Vec<_>>().join("+"),
                    Some(Scope::Others) => "others".to_owned(),
                    Some(Scope::Important) => "important".to_owned(),
                    Some(Scope::Lower) => "lower".to_owned(),
                    Some(Scope::All) => "all".to_owned(),
                    Some(Scope::Unknown) => "unknown".to_owned(),
                };
                let figure = statement
                    .figure
                    .limit
                    .map_or_else(|| statement.figure.until.map_or("words", |_| "release").to_owned(), |hours| hours.to_string());
                format!("{scope} {} {figure}{}", statement.stage.as_str(), if statement.soft { " soft" } else { "" })
            })
            .collect();
        lines.extend(said.puzzling.then(|| "puzzling".to_owned()));
        lines
    }

    #[test]
    fn figures_find_their_stage_and_tier() {
        for (text, expected) in [
            (
                "We will acknowledge your report within 48 hours and provide a fix within 7 days.",
                &["general acknowledge 48", "general fix 168"][..],
            ),
            ("Critical vulnerabilities will be fixed within 7 days, high severity within 14 days.", &["critical fix 168", "high fix 336"]),
            (
                "critical severity vulnerabilities will be fixed within 4 weeks and all others within 12 weeks",
                &["critical fix 672", "others fix 2016"],
            ),
            (
                "We fix issues within 7 days for critical, 14 days for high and 30 days for medium severity.",
                &["critical fix 168", "high fix 336", "medium fix 720"],
            ),
            ("Within 48 hours we will acknowledge it, within 7 days we assess it.", &["general acknowledge 48", "general assess 168"]),
            ("We aim to address critical vulnerabilities within 7 days", &["critical fix 168 soft"]),
            ("Critical issues will be addressed as soon as possible", &["critical fix words"]),
            ("Critical issues are acknowledged within 24 hours and fixed within 7 days.", &["critical acknowledge 24", "critical fix 168"]),
            ("Critical issues are fixed within 7 days and we acknowledge reports within 48 hours.", &["critical fix 168", "puzzling"]),
            (
                "You will receive a response within 3 business days with an evaluation and an expected resolution date.",
                &["general respond 72"],
            ),
            ("Within 7 days of confirmation we release a fix.", &["general fix 168"]),
            ("A fix is released within 30 days after triage.", &["general fix 720"]),
            ("We acknowledge and triage reports within 3 days.", &["general assess 72", "general acknowledge 72"]),
            ("Non-critical vulnerabilities will be fixed in the next release.", &["high+medium+low fix release"]),
            ("Severe vulnerabilities are fixed within 7 days.", &["puzzling"]),
            ("Tokens expire within 24 hours.", &[]),
            ("We follow a 90-day disclosure timeline.", &["general disclose 2160"]),
            ("Initial response within 2 days", &["general acknowledge 48"]),
            ("Our team will respond within 24 hours for critical and 3 days for high issues.", &["critical respond 24", "high respond 72"]),
            (
                "Critical and high severity issues are patched within 7 days, medium and low within 30 days.",
                &["critical+high fix 168", "medium+low fix 720"],
            ),
            ("Immediately delete all data.", &[]),
            (
                "We acknowledge reports within 48 hours and aim to resolve critical vulnerabilities within 14 days.",
                &["general acknowledge 48", "critical fix 336 soft"],
            ),
            (
                "We respond to all reports within 2 days; critical issues are fixed within 7 days.",
                &["general respond 48", "critical fix 168"],
            ),
            ("If the issue is critical, we will patch it within 7 days.", &["critical fix 168"]),
            ("Should a vulnerability be considered severe we will patch it within 48 hours.", &["puzzling"]),
            ("We disclose after 90 days (or sooner if critical).", &["general disclose 2160"]),
            ("We fix issues within 30 days (critical: 7 days).", &["general fix 720", "critical fix 168"]),
            ("We respond within 2 days to address the issue.", &["general respond 48"]),
            (
                "Vulnerabilities with a critical rating are fixed within 7 days, those with high in 14 days.",
                &["critical fix 168", "high fix 336"],
            ),
            ("We respond within 2 days, and to high severity within 3 days.", &["general respond 48", "high respond 72"]),
            ("All vulnerabilities except critical ones are fixed within 30 days.", &["puzzling"]),
            ("We fix issues within 30 days, not for low severity.", &["puzzling"]),
            ("We fix within 30 days; critical issues are prioritized.", &["general fix 720"]),
            ("We acknowledge reports and provide an estimated timeline for a fix within 7 days.", &["general acknowledge 168"]),
            ("Issues with a CVSS score of 9.0 or higher are fixed within 3 days.", &["critical fix 72"]),
            ("We fix vulnerabilities within 30 days; 7 days if critical.", &["general fix 720", "critical fix 168"]),
            ("Fixes take 7, 14, 30 and 90 days for critical, high, medium and low issues respectively.", &["puzzling"]),
            ("Fix within 7 days or 30 days, whichever is later.", &["puzzling"]),
            (
                "We fix within 7 days (Critical), 14 days (High), or 30 days (Medium and Low).",
                &["critical fix 168", "high fix 336", "medium+low fix 720"],
            ),
            ("We fix high issues in 30 days and lower-severity ones in 90 days.", &["high fix 720", "lower fix 2160"]),
            ("A fix within 14-90 days depending on how complex its disclosure is.", &["general fix 2160"]),
            ("Critical issues are fixed within 7 days, all vulnerabilities within 90 days.", &["critical fix 168", "general fix 2160"]),
        ] {
            assert_eq!(said(text, &Context::default()), expected, "{text}");
        }
    }
}
