//! Numbers with units as a scenario writes them, exactly: `2`, `0.5`, `500m`, `1Gi`, `30s`, `60%`, `4000/s`.

use serde_json::Value;

/// A decimal number and its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number<'t> {
    /// The number in units of the last of its decimal places.
    digits: i128,
    places: u32,
    /// What stands behind it; empty if nothing does.
    pub(super) unit: &'t str,
}

/// The unit that several numbers are counted in, and with how many decimal places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale<'t> {
    places: u32,
    unit: &'t str,
}

/// Lengths of time in nanoseconds, as [`crate::units::Span`] reads them.
const TIMES: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Suffixes of Kubernetes' quantities in billionths (apimachinery/pkg/api/resource/suffix.go).
const QUANTITIES: [(&str, i128); 16] = [
    ("n", 1),
    ("u", 1_000),
    ("m", 1_000_000),
    ("", 1_000_000_000),
    ("k", 1_000_000_000_000),
    ("M", 1_000_000_000_000_000),
    ("G", 1_000_000_000_000_000_000),
    ("T", 1_000_000_000_000_000_000_000),
    ("P", 1_000_000_000_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000_000_000_000),
    ("Ki", 1_000_000_000 << 10),
    ("Mi", 1_000_000_000 << 20),
    ("Gi", 1_000_000_000 << 30),
    ("Ti", 1_000_000_000 << 40),
    ("Pi", 1_000_000_000 << 50),
    ("Ei", 1_000_000_000 << 60),
];

impl<'t> Number<'t> {
    /// The most digits, so that any two units can be worked out within each other.
    const MOST_DIGITS: usize = 15;

    /// Reads `text`; a unit is whatever has no digit in it. `None` if it is no number.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let end = unsigned.find(|one: char| !one.is_ascii_digit() && one != '.').unwrap_or(unsigned.len());
        let (number, unit) = unsigned.split_at(end);
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        let all = format!("{whole}{part}");
        if whole.is_empty()
            || all.len() > Self::MOST_DIGITS
            || unit.contains(|one: char| one.is_ascii_digit())
        {
            return None;
        }
        let digits: i128 = all.parse().ok()?;
        let digits = if text.starts_with('-') { -digits } else { digits };
        Some(Self { digits, places: part.len() as u32, unit: unit.trim() })
    }

    /// Whether it has no decimal places.
    pub(super) fn is_whole(&self) -> bool {
        self.places == 0
    }

    /// One of the same unit.
    pub(super) fn one(unit: &'t str) -> Self {
        Self { digits: 1, places: 0, unit }
    }
}

/// All of `numbers` in one unit, the smallest of theirs, and with equally many places; `None` if they have no unit in
/// common.
pub(super) fn aligned<'t>(numbers: &[&Number<'t>]) -> Option<(Vec<i128>, Scale<'t>)> {
    let first = numbers.first()?.unit;
    let factors: Vec<i128> = if numbers.iter().all(|number| number.unit == first) {
        vec![1; numbers.len()]
    } else {
        factors(numbers, &QUANTITIES).or_else(|| factors(numbers, &TIMES))?
    };
    let smallest = factors.iter().position(|factor| Some(factor) == factors.iter().min())?;
    let places = numbers.iter().map(|number| number.places).max()?;
    let one = |(number, factor): (&&Number<'t>, &i128)| {
        let times = factor / factors[smallest];
        let is_multiple = factor % factors[smallest] == 0;
        let shifted = number.digits.checked_mul(10_i128.checked_pow(places - number.places)?)?;
        is_multiple.then(|| shifted.checked_mul(times)).flatten()
    };
    let all = numbers.iter().zip(&factors).map(one).collect::<Option<_>>()?;
    Some((all, Scale { places, unit: numbers[smallest].unit }))
}

/// How large the unit of each number is in a table; `None` if one is not in it.
fn factors(numbers: &[&Number<'_>], table: &[(&str, i128)]) -> Option<Vec<i128>> {
    let of = |number: &&Number<'_>| Some(table.iter().find(|(unit, _)| *unit == number.unit)?.1);
    numbers.iter().map(of).collect()
}

impl Scale<'_> {
    /// So many of the last place as a scenario writes it: a number, or a text if it has a unit.
    pub(super) fn value(self, count: i128) -> Value {
        let power = 10_i128.pow(self.places);
        let sign = if count < 0 { "-" } else { "" };
        let (whole, part) =
            (count.unsigned_abs() / power.unsigned_abs(), count.unsigned_abs() % power.unsigned_abs());
        let part = if self.places == 0 {
            String::new()
        } else {
            format!("{part:0width$}", width = self.places as usize)
        };
        let part = part.trim_end_matches('0');
        let point = if part.is_empty() { "" } else { "." };
        let text = format!("{sign}{whole}{point}{part}{}", self.unit);
        if self.unit.is_empty() {
            serde_json::from_str(&text).expect("it is a number")
        } else {
            Value::from(text)
        }
    }

    /// The same with `more` further places.
    pub(super) fn finer(self, more: u32) -> Self {
        Self { places: self.places + more, ..self }
    }
}
