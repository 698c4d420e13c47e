//! Ranges of an axis: in steps, or logarithmic.

use std::ops::Range;

use serde_json::Value;

use super::number::{Number, Scale, aligned};
use super::{Axis, AxisProblem, Blame, trimmed};

/// What a logarithmic range has in place of a step, before the number of its values.
const LOG: &str = "log";

/// The significant digits of the values of a logarithmic range whose ends are not both whole.
const DIGITS: i32 = 4;

/// The values of the range at `place`; `None` if no range stands there.
pub(super) fn values(text: &str, place: Range<usize>) -> Result<Option<Vec<Value>>, Blame> {
    let item = &text[place.clone()];
    let Some(dots) = item.find("..").map(|dots| place.start + dots) else { return Ok(None) };
    let low = trimmed(text, place.start..dots);
    let behind = trimmed(text, dots + 2..place.end);
    // `../scheduler.yaml` is no range.
    if !begins_like_a_number(&text[low.clone()])
        && !(low.is_empty() && begins_like_a_number(&text[behind.clone()]))
    {
        return Ok(None);
    }
    if text[behind.clone()].starts_with('=') {
        return Err((behind.start..behind.start + 1, AxisProblem::Inclusive));
    }
    let colon = text[behind.clone()].find(':').map(|colon| behind.start + colon);
    let high = trimmed(text, behind.start..colon.unwrap_or(behind.end));
    let step = colon.map(|colon| trimmed(text, colon + 1..behind.end));
    let ends = [number(text, low)?, number(text, high)?];
    match step {
        Some(step) if text[step.clone()].starts_with(LOG) => logarithmic(text, place, ends, step),
        step => in_steps(text, place, ends, step),
    }
    .map(Some)
}

fn begins_like_a_number(text: &str) -> bool {
    text.trim_start_matches(['+', '-']).starts_with(|first: char| first.is_ascii_digit())
}

fn number(text: &str, place: Range<usize>) -> Result<Number<'_>, Blame> {
    let item = &text[place.clone()];
    Number::read(item).ok_or_else(|| (place, AxisProblem::NotANumber(item.to_owned())))
}

/// Both ends in one unit, and the step if there is one.
fn together<'t>(
    text: &str,
    place: &Range<usize>,
    numbers: &[&Number<'t>],
) -> Result<(Vec<i128>, Scale<'t>), Blame> {
    let units = || {
        let other = numbers.iter().find(|number| number.unit != numbers[0].unit).unwrap_or(&numbers[0]);
        AxisProblem::Units(numbers[0].unit.to_owned(), other.unit.to_owned())
    };
    let (all, scale) = aligned(numbers).ok_or_else(|| (place.clone(), units()))?;
    if all[0] > all[1] {
        return Err((trimmed(text, place.clone()), AxisProblem::Backwards));
    }
    Ok((all, scale))
}

/// From the lower end to the upper one, which is a value if the steps lead to it.
fn in_steps(
    text: &str,
    place: Range<usize>,
    [low, high]: [Number<'_>; 2],
    step_place: Option<Range<usize>>,
) -> Result<Vec<Value>, Blame> {
    let step = match &step_place {
        Some(step) => {
            let mut step = number(text, step.clone())?;
            // A step without a unit counts in that of the range.
            if step.unit.is_empty() && low.unit == high.unit {
                step.unit = low.unit;
            }
            step
        }
        None if low.unit == high.unit && low.is_whole() && high.is_whole() => Number::one(low.unit),
        None => return Err((place, AxisProblem::NoStep)),
    };
    let (all, scale) = together(text, &place, &[&low, &high, &step])?;
    let [low, high, step] = all[..] else { unreachable!("three numbers were aligned") };
    if step <= 0 {
        return Err((step_place.unwrap_or(place), AxisProblem::StepTooSmall));
    }
    if low < high && step > high - low {
        return Err((step_place.unwrap_or(place), AxisProblem::StepTooLarge));
    }
    let count = (high - low) / step + 1;
    if count > Axis::MOST as i128 {
        return Err((place, AxisProblem::TooMany));
    }
    Ok((0..count).map(|place| scale.value(low + place * step)).collect())
}

/// So many values, both ends among them, each the same factor above the one before. Between whole ends they are rounded
/// to whole numbers, where values that become equal are one; otherwise to four significant digits.
fn logarithmic(
    text: &str,
    place: Range<usize>,
    ends: [Number<'_>; 2],
    count_place: Range<usize>,
) -> Result<Vec<Value>, Blame> {
    let written = &text[count_place.clone()];
    let count = written[LOG.len()..].parse().ok().filter(|&count: &u32| count >= 2);
    let count = count.ok_or_else(|| (count_place, AxisProblem::NotACount(written.to_owned())))?;
    let (all, scale) = together(text, &place, &[&ends[0], &ends[1]])?;
    let (low, high) = (all[0], all[1]);
    if low <= 0 {
        return Err((place, AxisProblem::LogOfZero));
    }
    if count as usize > Axis::MOST {
        return Err((place, AxisProblem::TooMany));
    }
    let is_whole = ends.iter().all(Number::is_whole);
    // Further places, for values that four digits tell apart.
    let more = if is_whole { 0 } else { DIGITS as u32 };
    let (scale, power) = (scale.finer(more), 10_i128.pow(more));
    let ratio = high as f64 / low as f64;
    let between = |place: u32| {
        let exact = low as f64 * libm::pow(ratio, f64::from(place) / f64::from(count - 1));
        if is_whole { exact.round() as i128 } else { rounded(exact * power as f64) }
    };
    let inner = (1..count - 1).map(between);
    let mut counts: Vec<i128> = [low * power].into_iter().chain(inner).chain([high * power]).collect();
    counts.dedup();
    Ok(counts.into_iter().map(|count| scale.value(count)).collect())
}

/// A positive number to four significant digits.
fn rounded(number: f64) -> i128 {
    let magnitude = libm::log10(number).floor() as i32 + 1 - DIGITS;
    let unit = 10_i128.pow(magnitude.max(0) as u32);
    (number / unit as f64).round() as i128 * unit
}
