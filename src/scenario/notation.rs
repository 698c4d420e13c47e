//! How quantities with units are written in a scenario: durations, amounts, rates, shares, prices, quotas, taints.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::object;
use crate::object::kubernetes::taint_from_text;
use crate::traffic;
use crate::units::{Price, Quantity, Span};

/// A length of time: `30s`, `1.5m`, `2h`, `250ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub Span);

/// An amount in Kubernetes' notation: `500m`, `2`, `64Mi`. A plain number will do too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub Quantity);

/// How often something happens: `4000/s`, `90/m`, `12/h`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(pub traffic::Rate);

/// A share of something: `60%`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

/// An instant of a trace, as its column writes it, or a duration after its first row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceTime(pub String);

/// A price per time in the price list's currency: `0.26/h`, `0.0000077/s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PricePerTime(pub Price);

/// A node taint: `key=value:NoSchedule`, or `key:NoSchedule` without a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taint(pub object::Taint);

/// A vCPU quota: one of its named profiles, or so many vCPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// That of an account whose quota nobody has raised.
    Default,
    /// One that never binds.
    Raised,
    /// So many vCPUs.
    Cpus(Quantity),
}

impl FromStr for Quota {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "default" => Ok(Self::Default),
            "raised" => Ok(Self::Raised),
            _ => text.parse().ok().filter(|cpus: &Quantity| !cpus.is_negative()).map(Self::Cpus).ok_or_else(
                || format!("{text:?} is not a quota: write default, raised or a number of vCPUs"),
            ),
        }
    }
}

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix('%').map(str::trim_end).filter(|number| {
            let digits = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            digits && number.starts_with(|first: char| first.is_ascii_digit())
        });
        let number = number.and_then(|number| number.parse::<f64>().ok());
        number
            .map(|number| Self(number / 100.0))
            .ok_or_else(|| format!("{text:?} is not a share: write it in per cent, like 60% or 2.5%"))
    }
}

impl FromStr for TraceTime {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for Taint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        taint_from_text(text).map(Self)
    }
}

/// Reads a text by its `FromStr`; `expecting` is what an error says was wanted.
struct TextVisitor<T> {
    expecting: &'static str,
    /// Whether a bare number stands for its own text.
    numbers: bool,
    parse: fn(&str) -> Result<T, String>,
}

impl<T> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        self.number(number, serde::de::Unexpected::Unsigned(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        self.number(number, serde::de::Unexpected::Signed(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        self.number(number, serde::de::Unexpected::Float(number))
    }
}

impl<T> TextVisitor<T> {
    fn number<E: Error>(self, number: impl fmt::Display, found: serde::de::Unexpected<'_>) -> Result<T, E> {
        if self.numbers {
            (self.parse)(&number.to_string()).map_err(E::custom)
        } else {
            Err(E::invalid_type(found, &self.expecting))
        }
    }
}

macro_rules! written_as_text {
    ($type:ident, $wrap:expr, $expecting:literal, $numbers:literal, $pattern:literal, $description:literal) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let parse = |text: &str| text.parse().map($wrap).map_err(|error| format!("{error}"));
                let visitor = TextVisitor { expecting: $expecting, numbers: $numbers, parse };
                if $numbers { deserializer.deserialize_any(visitor) } else { deserializer.deserialize_str(visitor) }
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                if $numbers {
                    json_schema!({ "type": ["string", "number"], "pattern": $pattern, "description": $description })
                } else {
                    json_schema!({ "type": "string", "pattern": $pattern, "description": $description })
                }
            }
        }
    };
}

written_as_text!(
    Duration,
    Duration,
    "a duration such as 30s or 1h30m",
    false,
    r"^([0-9.]+(ns|us|µs|ms|s|m|h|d))+$|^0$",
    "A length of time: 30s, 1.5m, 2h, 250ms, 1h30m."
);
written_as_text!(
    Amount,
    Amount,
    "a quantity such as 500m, 2 or 1Gi",
    true,
    r"^[+-]?[0-9.]+([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$",
    "An amount in Kubernetes' notation: 500m, 2, 1.5, 64Mi, 2Gi, 1e3."
);
written_as_text!(
    Rate,
    Rate,
    "a rate such as 4000/s",
    false,
    r"^[0-9.eE+]+ */ *[smh]$",
    "How often something happens: 4000/s, 90/m, 12/h."
);
written_as_text!(
    Percent,
    |percent: Self| percent,
    "a share such as 60%",
    false,
    r"^[0-9][0-9.]* *%$",
    "A share in per cent: 60%, 2.5%."
);
written_as_text!(
    TraceTime,
    |time: Self| time,
    "an instant of the trace",
    true,
    r"^.+$",
    "An instant as the trace's time column writes it (1998-05-12 06:00:00, 893980800), or a duration after its first row (12h)."
);
written_as_text!(
    PricePerTime,
    PricePerTime,
    "a price such as 0.26/h",
    false,
    r"^[0-9.eE-]+ */[hs]$",
    "A price per time in the currency of the price list: 0.26/h, 0.0000077/s."
);
written_as_text!(
    Quota,
    |quota: Self| quota,
    "default, raised or a number of vCPUs",
    true,
    r"^(default|raised|[0-9.]+[mkMG]?)$",
    "A vCPU quota: `default` (500, estimate), `raised` (no bound), or a number of vCPUs."
);
written_as_text!(
    Taint,
    |taint: Self| taint,
    "a taint such as key=value:NoSchedule",
    false,
    r"^[^=:]+(=[^:]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$",
    "A node taint: key=value:Effect, or key:Effect without a value."
);

#[cfg(test)]
mod tests {
    use super::*;
    use overspill_manifest::{Rules, decode_value};
    use serde_json::{Value, json};

    #[track_caller]
    fn check<T: serde::de::DeserializeOwned + PartialEq + fmt::Debug>(
        value: &Value,
        expected: Result<T, &str>,
    ) {
        let result = decode_value::<T>(value, Rules::default()).into_result();
        let result = result.map_err(|errors| errors[0].kind.to_string());
        assert_eq!(result, expected.map_err(ToOwned::to_owned));
    }

    #[test]
    fn rates() {
        check(&json!("4000/s"), Ok(Rate(traffic::Rate(4000.0))));
        check(&json!("90/m"), Ok(Rate(traffic::Rate(1.5))));
        check::<Rate>(&json!(4000), Err("expected a rate such as 4000/s, found the number 4000"));
        check::<Rate>(&json!("4000"), Err("\"4000\" is not a rate: write it like 4000/s, 600/m or 1/h"));
    }

    #[test]
    fn amounts_may_be_numbers() {
        check(&json!("500m"), Ok(Amount(Quantity::from_milli(500))));
        check(&json!(5000), Ok(Amount(Quantity::from_units(5000))));
        check(&json!(0.5), Ok(Amount(Quantity::from_milli(500))));
        check(&json!(-1), Ok(Amount(Quantity::from_units(-1))));
        check::<Amount>(&json!(true), Err("expected a quantity such as 500m, 2 or 1Gi, found true"));
        check::<Amount>(
            &json!("5GB"),
            Err("\"5GB\" is not a Kubernetes quantity: write it like 500m, 2, 1.5, 64Mi, 2Gi or 1e3"),
        );
    }

    #[test]
    fn durations_have_units() {
        check(&json!("90s"), Ok(Duration(Span::from_secs(90))));
        check::<Duration>(&json!(90), Err("expected a duration such as 30s or 1h30m, found the number 90"));
        check::<Duration>(
            &json!("90"),
            Err("\"90\" is not a duration: write it like 30s, 1.5m, 2h, 250ms or 1h30m"),
        );
    }

    #[test]
    fn quotas_have_names_or_are_numbers() {
        check(&json!("default"), Ok(Quota::Default));
        check(&json!("raised"), Ok(Quota::Raised));
        check(&json!(800), Ok(Quota::Cpus(Quantity::from_units(800))));
        check(&json!("0.5"), Ok(Quota::Cpus(Quantity::from_milli(500))));
        for text in ["plenty", "-1", ""] {
            let message = format!("{text:?} is not a quota: write default, raised or a number of vCPUs");
            check::<Quota>(&json!(text), Err(message.as_str()));
        }
    }

    #[test]
    fn shares_are_in_per_cent() {
        check(&json!("60%"), Ok(Percent(0.6)));
        check(&json!("2.5 %"), Ok(Percent(0.025)));
        check::<Percent>(&json!(0.6), Err("expected a share such as 60%, found the number 0.6"));
        for text in ["60", "%", "-5%", "x%", ".%", "1.2.3%"] {
            let message = format!("{text:?} is not a share: write it in per cent, like 60% or 2.5%");
            check::<Percent>(&json!(text), Err(message.as_str()));
        }
    }

    #[test]
    fn instants_of_traces_may_be_numbers() {
        check(&json!(893_980_800), Ok(TraceTime("893980800".to_owned())));
        check(&json!("1998-05-12 06:00:00"), Ok(TraceTime("1998-05-12 06:00:00".to_owned())));
    }

    #[test]
    fn taints() {
        let taint = |key: &str, value: &str, effect| {
            Ok(Taint(object::Taint { key: key.into(), value: value.into(), effect }))
        };
        check(&json!("mykey=myvalue:NoSchedule"), taint("mykey", "myvalue", object::Effect::NoSchedule));
        check(&json!("a/b:NoExecute"), taint("a/b", "", object::Effect::NoExecute));
        check::<Taint>(
            &json!("a=b:NoSchedul"),
            Err(
                "\"a=b:NoSchedul\": the effect must be NoSchedule, PreferNoSchedule or NoExecute, not \"NoSchedul\"",
            ),
        );
        for text in ["a=b", "=b:NoSchedule", ""] {
            assert!(text.parse::<Taint>().is_err(), "{text}");
        }
    }

    #[test]
    fn prices() {
        check(&json!("0.26/h"), Ok(PricePerTime("0.26/h".parse().unwrap())));
        check::<PricePerTime>(&json!(0.26), Err("expected a price such as 0.26/h, found the number 0.26"));
    }
}
