use std::path::Path;

use super::*;
use crate::metric::Collected;
use crate::report::decimal;
use crate::report::sample::gateway_spike_into;
use crate::units::SimTime;

/// Events of all shapes, more than a group of Parquet holds.
fn tell_events(tables: &mut Tables) {
    for number in 0..40_000_u64 {
        let words = ["", "a, \"b\"\nc"][usize::from(number % 3 == 0)];
        let object = Title { kind: "Pod", namespace: Some("default"), name: "web" };
        let (time, kind, reason) = (SimTime(number * 1_234_567_891), "Normal", "Scheduled");
        tables.event(&EventRow { time, kind, reason, object, message: format_args!("{words}") });
    }
}

/// The tables of the sample and of these events, below `dir`.
fn write_tables(dir: &Path, format: Format) -> Staging {
    let staging = Staging::beside(&dir.join("run")).unwrap();
    let mut tables = Tables::open(&staging, &Outputs::all(), format).unwrap();
    tell_events(&mut tables);
    let (overview, tables) = gateway_spike_into(tables);
    tables.finish(&overview.timeline).unwrap();
    staging
}

/// The rows of a CSV file, the header first.
fn csv_rows(staging: &Staging, name: &str) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_path(staging.file(name)).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn rows_on_their_way_to_a_file_are_those_that_are_collected() {
    let folder = tempfile::tempdir().unwrap();
    let staging = write_tables(folder.path(), Format::Csv);
    let (_, rows) = gateway_spike_into(Collected::default());
    let seconds = |time: Option<SimTime>| time.map(|time| decimal(time.as_secs_f64())).unwrap_or_default();
    let written = csv_rows(&staging, "pods.csv");
    assert_eq!(written.len(), 1 + rows.pods.len());
    for (cells, row) in written[1..].iter().zip(&rows.pods) {
        let times = [Some(row.created), row.scheduled, row.ready, row.finished].map(seconds);
        assert_eq!(cells[..4], [&*row.name, &row.namespace, &row.workload, &row.node]);
        assert_eq!(cells[5..9], times);
        assert_eq!([&cells[9], &cells[12]], [&row.ready_containers(), &row.billed_spec]);
    }
    let written = csv_rows(&staging, "nodes.csv");
    let names = |rows: &[Vec<String>]| rows.iter().map(|cells| cells[0].clone()).collect::<Vec<_>>();
    assert_eq!(names(&written[1..]), rows.nodes.iter().map(|row| row.name.clone()).collect::<Vec<_>>());
    assert_eq!(csv_rows(&staging, "events.csv").len(), 40_001);
}

#[test]
fn tables_that_were_not_asked_for_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let staging = Staging::beside(&folder.path().join("run")).unwrap();
    let tables = Tables::open(&staging, &"summary,nodes".parse().unwrap(), Format::Csv).unwrap();
    assert!(!tables.takes_events() && !tables.takes_pods());
    let (overview, tables) = gateway_spike_into(tables);
    tables.finish(&overview.timeline).unwrap();
    assert!(staging.file("nodes.csv").exists() && !staging.file("pods.csv").exists());
}

#[test]
fn every_column_is_explained() {
    let page = include_str!("../../../docs/tables.md");
    for output in [Output::Timeline, Output::Pods, Output::Nodes, Output::Events] {
        for (name, _) in rows::columns(output) {
            assert!(page.contains(&format!("| `{name}` |")), "docs/tables.md says nothing of {name}");
        }
    }
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_program_without_parquet_says_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let staging = Staging::beside(&folder.path().join("run")).unwrap();
    let refused = Tables::open(&staging, &"summary".parse().unwrap(), Format::Parquet);
    let error = refused.err().expect("it cannot be written").to_string();
    assert!(
        error.ends_with("cargo run --release --features parquet -- run SCENARIO --format parquet"),
        "{error}"
    );
}

#[cfg(feature = "parquet")]
mod parquet_files {
    use std::fs::{self, File};

    use ::parquet::data_type::Decimal;
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::Field;

    use super::*;

    /// A cell as CSV has it.
    fn printed(field: &Field) -> String {
        match field {
            Field::Null => String::new(),
            Field::Str(text) => text.clone(),
            Field::Double(number) => decimal(*number),
            Field::Long(number) => number.to_string(),
            Field::Decimal(Decimal::Int64 { value, precision: 18, scale: 6 }) => {
                Micros(i64::from_be_bytes(*value).into()).to_string()
            }
            other => panic!("no column holds {other:?}"),
        }
    }

    #[test]
    fn a_parquet_file_holds_what_the_csv_file_holds() {
        let folders = [Format::Csv, Format::Parquet].map(|format| (tempfile::tempdir().unwrap(), format));
        let [csv, parquet] = folders.each_ref().map(|(folder, format)| write_tables(folder.path(), *format));
        for table in ["timeline", "pods", "nodes", "events"] {
            let file = File::open(parquet.file(&format!("{table}.parquet"))).unwrap();
            let reader = SerializedFileReader::new(file).unwrap();
            let fields = reader.metadata().file_metadata().schema().get_fields().to_vec();
            let mut expected = csv_rows(&csv, &format!("{table}.csv")).into_iter();
            let names: Vec<_> = fields.iter().map(|field| field.name().to_owned()).collect();
            assert_eq!(Some(names), expected.next(), "{table}");
            for row in reader.get_row_iter(None).unwrap() {
                let cells: Vec<_> = row.unwrap().get_column_iter().map(|(_, field)| printed(field)).collect();
                assert_eq!(Some(cells), expected.next(), "{table}");
            }
            assert_eq!(expected.next(), None, "{table}");
            assert_eq!(reader.num_row_groups(), if table == "events" { 2 } else { 1 }, "{table}");
        }
    }

    #[test]
    fn a_parquet_file_has_the_same_bytes_each_time() {
        let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let both = folders.each_ref().map(|folder| write_tables(folder.path(), Format::Parquet));
        for table in ["timeline.parquet", "pods.parquet", "nodes.parquet", "events.parquet"] {
            let [one, other] = both.each_ref().map(|staging| fs::read(staging.file(table)).unwrap());
            assert!(one == other && !one.is_empty(), "{table}");
        }
    }
}
