//! What the pages of several scenarios or points share: which is cheapest and which waits least, the front of cost
//! against waiting, and tables of facts.

use super::scale::Scale;
use crate::metric::{Unit, find};
use crate::report::decimal;
use crate::report::page::{Block, Cell, Column, Section, Table};
use crate::report::plot::{Front, Ink, Point, front_svg, undominated};

/// What lies along the axes of the front.
pub(super) const COST: &str = "cost.total";
pub(super) const WAITING: &str = "ready.waitSeconds.p99";

/// The most parties or points that are drawn.
pub(super) const MOST_DRAWN: usize = 60;

/// What several things cost, against how long pods take to be ready with each.
pub(super) struct Trade<'a> {
    /// What they are, in a word.
    pub(super) what: &'static str,
    pub(super) currency: &'a str,
    pub(super) parties: Vec<Traded>,
}

/// One of them, with its means.
pub(super) struct Traded {
    pub(super) name: String,
    /// The same in a picture, as short as it can be.
    pub(super) label: String,
    pub(super) cost: Option<f64>,
    pub(super) wait: Option<f64>,
}

impl Trade<'_> {
    /// Which is cheapest, and which waits least.
    pub(super) fn finding(&self) -> Option<String> {
        let least = |figure: fn(&Traded) -> Option<f64>| {
            let known = self.parties.iter().filter_map(|party| Some((&party.name, figure(party)?)));
            known.min_by(|one, other| one.1.total_cmp(&other.1))
        };
        let (cheapest, cost) = least(|party| party.cost)?;
        let (quickest, wait) = least(|party| party.wait)?;
        let (cost, wait) = (self.told(COST, cost), self.told(WAITING, wait));
        Some(if cheapest == quickest {
            format!("{cheapest} is cheapest on average, {cost}, and ready soonest: 99 % within {wait}")
        } else {
            format!(
                "{cheapest} is cheapest on average, {cost}; with {quickest} pods are ready soonest, 99 % within {wait}"
            )
        })
    }

    fn told(&self, path: &str, number: f64) -> String {
        let unit = find(path).map_or(Unit::Count, |metric| metric.unit);
        let scale = Scale::of(unit, number, None);
        format!("{} {}", scale.print_short(number), scale.unit(unit, self.currency))
    }

    /// The front; none where fewer than two have both figures. Of very many, only what is on the front is shown.
    pub(super) fn front(&self) -> Option<Section> {
        let known = self.parties.iter();
        let known = known.filter_map(|party| {
            Some(Point { name: party.label.clone(), across: party.cost?, up: party.wait? })
        });
        let points: Vec<Point> = known.collect();
        if points.len() < 2 {
            return None;
        }
        let on_front = undominated(&points);
        let all = points.len();
        let mut shown: Vec<(Point, bool)> = points.into_iter().zip(on_front).collect();
        if all > MOST_DRAWN {
            shown.retain(|(_, is_on)| *is_on);
            shown.sort_by(|(one, _), (other, _)| one.across.total_cmp(&other.across));
            shown.truncate(MOST_DRAWN);
        }
        let table = self.front_table(&shown);
        let left_out = all - shown.len();
        let front = Front {
            across: format!("{COST}, {}", self.currency),
            up: format!("{WAITING}, seconds"),
            points: shown.into_iter().map(|(point, _)| point).collect(),
        };
        let picture = Ink::follow_page(&front_svg(&front));
        let mut blocks = vec![Block::Pictures(vec![picture])];
        if left_out > 0 {
            let left_out = crate::report::counted(left_out, self.what);
            let text = format!("Shown is the front alone, {MOST_DRAWN} of it at most; left out: {left_out}.");
            blocks.push(Block::Text(text));
        }
        blocks.push(Block::Table(table));
        Some(Section::new("front", "Cost against waiting", blocks))
    }

    fn front_table(&self, points: &[(Point, bool)]) -> Table {
        let rows = points.iter().map(|(point, is_on)| {
            let verdict = if *is_on { "nothing is better in both" } else { "another is better" };
            vec![
                Cell::new(&point.name),
                Cell::new(decimal(point.across)),
                Cell::new(decimal(point.up)),
                Cell::new(verdict),
            ]
        });
        Table {
            caption: "Means of cost and waiting: the front is what nothing else beats in both".to_owned(),
            columns: vec![
                Column::text(self.what),
                Column::figures("cost"),
                Column::figures("99 % ready within, s"),
                Column::text("on the front"),
            ],
            rows: rows.collect(),
            foot: None,
        }
    }
}

/// What is to be known, line by line.
pub(super) fn facts(caption: &str, facts: impl IntoIterator<Item = (&'static str, String)>) -> Block {
    let row = |(what, which): (&'static str, String)| vec![Cell::new(what), Cell::new(which)];
    Block::Table(Table {
        caption: caption.to_owned(),
        columns: ["what", "which"].map(Column::text).into(),
        rows: facts.into_iter().map(row).collect(),
        foot: None,
    })
}
