//! Problems found behind the text, told with the place of the field they are about.

use overspill_manifest::{Code, Diagnostic, JsonPath, On, Origin, code};

use super::inventory::ObjectProblem;
use super::read::LoadedObject;
use crate::object::kubernetes::FieldProblem;
use overspill_manifest::Document;

/// What the API server, or the scheduler, would refuse of the object at `origin`.
pub fn refused(problems: &[FieldProblem], origin: &Origin) -> Vec<Diagnostic> {
    let told = |problem: &FieldProblem| {
        let path = problem.path.parse().unwrap_or_else(|_| JsonPath::root());
        Diagnostic::new(&code::REFUSED, problem.to_string()).at(origin.place(&path, On::Value))
    };
    problems.iter().map(told).collect()
}

/// The same of several objects.
pub fn refused_objects(
    problems: &[ObjectProblem],
    objects: &[LoadedObject],
    documents: &[Document],
) -> Vec<Diagnostic> {
    let told = |one: &ObjectProblem| {
        let document = &documents[objects[one.object].document];
        refused(std::slice::from_ref(&one.problem), &document.origin)
    };
    problems.iter().flat_map(told).collect()
}

/// Something about the object at `origin` as a whole.
pub fn about(code: &Code, message: String, origin: &Origin) -> Diagnostic {
    Diagnostic::new(code, message).at(origin.place(&JsonPath::root(), On::Value))
}
