//! Tables: tiers as rows or as columns, stages as rows, timelines.

use super::{
    bounds,
    clause::Context,
    figure::figures,
    line::{self, Label},
    markdown::Text,
    naming, promise,
    reader::Reader,
    severity::Scope,
    stage::stage_marks,
    token::{Token, contains, tokens},
    versions,
};

/// What a column holds.
#[derive(Clone, Debug)]
enum Column {
    /// Names of tiers.
    Tier,
    /// Figures of these stages.
    Stage(Box<Label>),
    /// CVSS scores.
    Score,
    /// Figures; of what stage is told elsewhere.
    Time(Box<Label>),
    /// Kinds of vulnerabilities.
    Examples,
    /// Sentences.
    Words,
}

/// A table as it is read.
pub(super) struct Table<'a> {
    header: &'a [Text],
    rows: &'a [Vec<Text>],
    heads: Vec<Vec<Token>>,
    /// What each head says by itself.
    labels: Vec<Label>,
}

const REWARDS: [&str; 11] = ["reward", "rewards", "bounty", "bounties", "payout", "payouts", "prize", "amount", "$", "€", "usd"];

impl<'a> Table<'a> {
    pub(super) fn new(header: &'a [Text], rows: &'a [Vec<Text>]) -> Self {
        let heads: Vec<Vec<Token>> = header.iter().map(|cell| tokens(cell.head())).collect();
        let labels = heads.iter().map(|head| line::naming(head.clone(), 0)).collect();
        Self { header, rows, heads, labels }
    }

    /// Reads the table into what was read so far.
    pub(super) fn read(&self, reader: &mut Reader<'_>, block: usize, around: &Context) {
        if let Some(column) = self.tier_column().or_else(|| self.score_column()) {
            return self.read_tiers(reader, block, around, column);
        }
        if self.heads.iter().skip(1).filter(|head| Self::names_tier(head)).count() >= 2 {
            return self.read_transposed(reader, block, around);
        }
        if let Some(found) = versions::table(reader.document, self.header, self.rows) {
            return reader.versions(block, found);
        }
        if let Some((stages, times)) = self.stage_columns() {
            self.read_stages(reader, block, around, stages, &times);
        }
    }

    fn names_tier(head: &[Token]) -> bool {
        naming::label(head).is_some()
    }

    /// The column that names tiers: the one with the most names, at least half of its cells.
    fn tier_column(&self) -> Option<usize> {
        let known = |column: usize| {
            let scopes = self.rows.iter().filter_map(|row| row.get(column)).filter_map(|cell| naming::label(&tokens(&cell.plain)));
            scopes.filter(|scope| *scope != Scope::Unknown).count()
        };
        let named = |column: usize| {
            self.rows.iter().filter(|row| row.get(column).is_some_and(|cell| naming::label(&tokens(&cell.plain)).is_some())).count()
        };
        let is_about_versions =
            |column: usize| self.heads[column].iter().any(|token| token.any(&["version", "versions", "release", "supported"]));
        let best = (0..self.heads.len())
            .filter(|column| !is_about_versions(*column))
            .max_by_key(|column| (known(*column), named(*column), usize::MAX - column))?;
        let filled = self.rows.iter().filter(|row| row.get(best).is_some_and(|cell| !cell.is_empty())).count();
        (named(best) * 2 >= filled.max(1) && named(best) > 0).then_some(best)
    }

    /// The column of CVSS scores that stand for tiers, where no column names them, and another has figures.
    fn score_column(&self) -> Option<usize> {
        let column = self.heads.iter().position(|head| head.iter().any(|token| token.any(&["cvss"])))?;
        let is_timed = |row: &Vec<Text>| row.iter().enumerate().any(|(at, cell)| at != column && is_time(&tokens(&cell.plain)));
        let is_scored = |row: &&Vec<Text>| row.get(column).is_some_and(|cell| bounds::bounds(&tokens(&cell.plain), false).is_some());
        self.rows.iter().filter(is_scored).any(is_timed).then_some(column)
    }

    /// The tiers that a cell names, or bounds.
    fn scope_of(&self, column: usize, words: &[Token]) -> Option<Scope> {
        let is_score = self.heads[column].iter().any(|token| token.is("cvss"));
        naming::label(words).or_else(|| bounds::bounds(words, false).filter(|_| is_score).map(naming::by_bounds))
    }

    /// What the other columns of a table of tiers hold.
    fn columns(&self, tier: usize) -> Vec<Column> {
        let of = |at: usize| -> Column {
            let head = &self.heads[at];
            let has = |words: &[&str]| head.iter().any(|token| token.any(words));
            if at == tier {
                return Column::Tier;
            }
            // What is expected of others, paid, or was once the case, is no promise of ours.
            let is_past = has(&["average", "avg", "median", "mean", "actual", "count"]);
            if promise::names_others(head) || is_past || has(&REWARDS) {
                return Column::Tier;
            }
            let label = self.labels[at].clone();
            if has(&["cvss", "score", "scores"]) {
                return Column::Score;
            }
            let described = has(&[
                "example", "examples", "description", "definition", "criteria", "impact", "meaning", "typical", "includes", "scenario",
                "scenarios",
            ]);
            if described && label.stages.is_empty() {
                return Column::Examples;
            }
            if !label.stages.is_empty() {
                return Column::Stage(Box::new(label));
            }
            let timed = label.generic
                || has(&[
                    "sla", "days", "hours", "weeks", "time", "timeline", "timeframe", "deadline", "target", "day", "within", "window",
                    "due",
                ]);
            if timed {
                return Column::Time(Box::new(label));
            }
            // A column without a name to go by: what its cells are says what it is.
            let mere = self.rows.iter().filter(|row| row.get(at).is_some_and(|cell| is_mere_figure(&tokens(&cell.plain)))).count();
            if mere * 2 > self.rows.len() { Column::Time(Box::new(label)) } else { Column::Words }
        };
        (0..self.heads.len()).map(of).collect()
    }

    fn read_tiers(&self, reader: &mut Reader<'_>, block: usize, around: &Context, tier: usize) {
        let columns = self.columns(tier);
        let about_rewards = self.heads.iter().any(|head| head.iter().any(|token| token.any(&REWARDS)));
        if about_rewards && !columns.iter().any(|column| matches!(column, Column::Stage(_))) {
            return;
        }
        for row in self.rows {
            let Some(name) = row.get(tier).filter(|cell| !cell.is_empty()) else { continue };
            let words = tokens(&name.plain);
            let scope = self.scope_of(tier, &words);
            let line = reader.document.line(name, 0);
            if let Some(Scope::Tiers(tiers)) = &scope {
                reader.ledger.name(tiers, line);
                let by_name = naming::label(&words).is_some();
                if let Some(bounds) = bounds::bounds(&words, by_name) {
                    reader.ledger.bound(tiers, bounds, line);
                }
            }
            for (cell, column) in row.iter().zip(&columns) {
                read_cell(reader, block, around, cell, column, scope.as_ref());
            }
        }
    }

    /// Tiers as columns, stages as rows.
    fn read_transposed(&self, reader: &mut Reader<'_>, block: usize, around: &Context) {
        let scopes: Vec<Option<Scope>> = self.heads.iter().map(|head| naming::label(head)).collect();
        let header_line = self.header.first().or(self.header.get(1)).map_or(1, |cell| reader.document.line(cell, 0));
        for (scope, head) in scopes.iter().zip(&self.heads) {
            if let Some(Scope::Tiers(tiers)) = scope {
                reader.ledger.name(tiers, header_line);
                if let Some(bounds) = bounds::bounds(head, true) {
                    reader.ledger.bound(tiers, bounds, header_line);
                }
            }
        }
        for row in self.rows {
            let Some(first) = row.first() else { continue };
            let label = line::naming(tokens(&first.plain), 0);
            let has = |words: &[&str]| label.tokens.iter().any(|token| token.any(words));
            let column = if has(&["cvss", "score", "scores"]) {
                Column::Score
            } else if !label.stages.is_empty() {
                Column::Stage(Box::new(label))
            } else if has(&["example", "examples", "description"]) {
                Column::Examples
            } else {
                Column::Time(Box::new(label))
            };
            for (cell, scope) in row.iter().zip(&scopes).skip(1).filter(|(_, scope)| scope.is_some()) {
                read_cell(reader, block, around, cell, &column, scope.as_ref());
            }
        }
    }

    /// The column that names stages, and those with figures.
    fn stage_columns(&self) -> Option<(usize, Vec<usize>)> {
        let with_stage = |column: usize| {
            self.rows.iter().filter(|row| row.get(column).is_some_and(|cell| !stage_marks(&tokens(&cell.plain)).is_empty())).count()
        };
        let with_time = |column: usize| {
            let cells = self.rows.iter().filter(|row| {
                row.get(column).is_some_and(|cell| {
                    is_time(&tokens(&cell.plain)) || (self.unit(column).is_some() && is_mere_number(&tokens(&cell.plain)))
                })
            });
            cells.count()
        };
        let all: Vec<usize> = (0..self.heads.len()).collect();
        let is_prose = |column: usize| {
            self.heads[column]
                .iter()
                .any(|token| token.any(&["action", "actions", "description", "notes", "note", "owner", "comment", "details"]))
                && self.heads.len() > 2
        };
        let times: Vec<usize> = all
            .iter()
            .copied()
            .filter(|column| with_time(*column) * 2 >= self.rows.len().max(1) && with_time(*column) > 0 && !is_prose(*column))
            .collect();
        let stages = all
            .iter()
            .copied()
            .filter(|column| !times.contains(column) && with_stage(*column) > 0)
            .max_by_key(|column| (with_stage(*column), usize::MAX - column))?;
        (!times.is_empty()).then_some((stages, times))
    }

    /// The unit that a column's header gives to bare numbers.
    fn unit(&self, column: usize) -> Option<Vec<Token>> {
        unit_of(&self.heads[column])
    }

    fn read_stages(&self, reader: &mut Reader<'_>, block: usize, around: &Context, stages: usize, times: &[usize]) {
        for row in self.rows {
            let Some(name) = row.get(stages) else { continue };
            let label = line::naming(tokens(&name.plain), 0);
            if label.stages.is_empty() && !label.unclear {
                continue;
            }
            let mut context = label.under(around);
            let words = versions::row_words(reader.document, row);
            context.joint = label.stages.len() == 1 || is_joint(&label.tokens);
            context.value = true;
            context.labelled = true;
            for column in times {
                if let Some(cell) = row.get(*column) {
                    let head = &self.labels[*column];
                    let context =
                        Context { soft: context.soft || head.soft, scope: head.scope.clone().or(context.scope.clone()), ..context.clone() };
                    if !reader.day(block, cell, name, &context) {
                        reader.value(block, cell, &context, &head.tokens, Some(&words));
                    }
                }
            }
        }
    }
}

fn read_cell(reader: &mut Reader<'_>, block: usize, around: &Context, cell: &Text, column: &Column, scope: Option<&Scope>) {
    let tiers = match scope {
        Some(Scope::Tiers(tiers)) => Some(tiers),
        _ => None,
    };
    match column {
        Column::Tier => {}
        Column::Score => {
            if let (Some(tiers), Some(bounds)) = (tiers, bounds::bounds(&tokens(&cell.plain), false)) {
                reader.ledger.bound(tiers, bounds, reader.document.line(cell, 0));
            }
        }
        Column::Examples => {
            if let Some(tiers) = tiers {
                let line = reader.document.line(cell, 0);
                for example in things(&cell.plain) {
                    reader.ledger.example(tiers, line, &example);
                }
            }
        }
        Column::Stage(label) | Column::Time(label) => {
            let mut context = around.clone();
            if let Column::Stage(_) = column {
                context = label.under(around);
            }
            context.soft |= label.soft;
            context.value = true;
            context.labelled = true;
            // A row that is about no tier by name is about something that is not understood.
            context.scope = Some(scope.cloned().unwrap_or(Scope::Unknown));
            reader.value(block, cell, &context, &label.tokens, None);
        }
        Column::Words => {
            let context = Context { scope: Some(scope.cloned().unwrap_or(Scope::Unknown)), ..Context::default() };
            reader.value(block, cell, &context, &[], None);
        }
    }
}

fn is_joint(words: &[Token]) -> bool {
    words.iter().any(|token| token.any(&["and", "&", "/", "+"]))
}

/// Whether a cell is a length of time, or a day of a timeline.
fn is_time(words: &[Token]) -> bool {
    day_of(words).is_some()
        || figures(words).iter().any(|figure| figure.says_when() || figure.form == super::figure::Form::Words) && words.len() <= 24
}

fn is_mere_figure(words: &[Token]) -> bool {
    let found = figures(words);
    let covered: usize = found.iter().map(|figure| figure.span.len()).sum();
    !found.is_empty() && covered + 3 >= words.len()
}

fn is_mere_number(words: &[Token]) -> bool {
    !words.is_empty()
        && words.iter().all(|token| token.number().is_some() || token.any(&["-", "to", "<", "≤", "=", "up", "~", ".", "within"]))
        && words.iter().any(|token| token.number().is_some())
}

/// The unit in a header: `Fix (days)`, `Maximum handling time (Day)`, `Days`.
fn unit_of(head: &[Token]) -> Option<Vec<Token>> {
    let at = head.iter().rposition(|token| token.any(&["hours", "hour", "days", "day", "weeks", "week", "months", "hrs", "h"]))?;
    let business = at.checked_sub(1).filter(|before| head[*before].any(&["business", "working"]));
    Some(head[business.unwrap_or(at)..=at].to_vec())
}

/// A cell that is a number only, with the unit of its header.
pub(super) fn with_unit(cell: &[Token], head: &[Token]) -> Option<Vec<Token>> {
    let unit = unit_of(head)?;
    let timed = is_mere_number(cell) && !cell.iter().any(|token| token.is("."));
    timed.then(|| cell.iter().cloned().chain(unit).collect())
}

/// The day of a timeline, in hours: `Day 14-30` is from 336 to 720, `Week 2` is 336, `T+48h` is 48.
pub(super) fn day_of(words: &[Token]) -> Option<(Option<u32>, u32)> {
    let per = match words.first()?.text.as_str() {
        "day" | "days" | "d" => 24,
        "week" | "weeks" => 168,
        "hour" | "hours" => 1,
        "month" | "months" => 720,
        "t" => {
            // "T+48h", "T + 7 days"
            let rest: Vec<Token> = words.iter().skip(1).filter(|token| !token.is("+")).cloned().collect();
            return match figures(&rest).first() {
                Some(figure) => figure.limit.map(|limit| (figure.target, limit)),
                None => (rest.is_empty() || rest[0].number() == Some(0)).then_some((None, 0)),
            };
        }
        _ => return None,
    };
    let rest: Vec<&Token> = words.iter().skip(1).filter(|token| !token.any(&["+", "#"])).collect();
    let first = rest.first()?.number()?;
    let hours = |number: u32| number.checked_mul(per).filter(|hours| *hours <= 876_000);
    match rest.get(1) {
        None => Some((None, hours(first)?)),
        Some(sign) if sign.any(&["-", "to"]) => {
            let last = rest.iter().skip(2).find_map(|token| token.number())?;
            (first <= last).then_some((Some(hours(first)?).filter(|_| first < last), hours(last)?))
        }
        Some(sign) if sign.any(&[":", "(", ","]) => Some((None, hours(first)?)),
        Some(_) => None,
    }
}

/// The things that a cell lists: behind breaks, semicolons, and commas outside parentheses.
pub(super) fn things(plain: &str) -> Vec<String> {
    let text = plain.trim();
    // A sentence is not a list, whatever commas it has.
    let is_sentence = {
        let words = tokens(text);
        let verbs = [
            "is", "are", "can", "may", "could", "that", "which", "allows", "allow", "when", "where", "would", "leads", "causes", "affects",
            "requires", "with",
        ];
        words.iter().any(|token| token.any(&verbs)) || contains(&words, &["an", "attacker"])
    };
    let (mut found, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            super::markdown::BREAK | ';' => {
                found.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            ',' if depth == 0 && !is_sentence => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    let tidy = |thing: &str| {
        let thing = versions::flat(thing);
        let thing = thing.trim_end_matches('.').trim_end_matches(" etc").trim();
        thing.strip_prefix("and ").or(thing.strip_prefix("or ")).unwrap_or(thing).trim_start_matches(['-', '•', '*']).trim().to_owned()
    };
    found.into_iter().map(tidy).filter(|thing| !matches!(thing.as_str(), "" | "-" | "etc" | "N/A" | "—")).collect()
}
