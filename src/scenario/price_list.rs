//! A price list file, with what is wrong in it told at its line.

use overspill_manifest::{DataFile, Diagnostic, On, Rules, code, decode_value};

use crate::cost::{PriceList, PriceListError, PriceListFile};

/// The price list in `file`.
///
/// # Errors
///
/// Everything that is wrong with it, as far as what is left without wrong types can be judged.
pub fn price_list(file: &DataFile) -> Result<PriceList, Vec<Diagnostic>> {
    let reading = decode_value::<PriceListFile>(&file.value, Rules::default());
    let wrong = reading.errors.iter().chain(&reading.unknown);
    let mut told: Vec<_> = wrong.map(|error| Diagnostic::of_field(error, &file.origin)).collect();
    let list = match reading.value.map(|list| list.resolve()) {
        Some(Ok(list)) => Some(list),
        Some(Err(errors)) => {
            let place = |error: &PriceListError| file.origin.place(error.at(), On::Value);
            told.extend(
                errors
                    .iter()
                    .map(|error| Diagnostic::new(&code::DO_NOT_FIT, error.to_string()).at(place(error))),
            );
            None
        }
        None => None,
    };
    list.filter(|_| told.is_empty()).ok_or(told)
}
