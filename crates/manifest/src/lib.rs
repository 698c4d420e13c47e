//! Reads Kubernetes manifests: YAML or JSON text becomes typed objects, and everything wrong with them is told at once.
//!
//! The way of a text: [`Source`] → [`read_documents`] → [`Document`]s (untyped, Lists taken apart) → [`Decoder`] →
//! [`Object`]s of Kubernetes' own types. Dumps of large clusters are Lists: their items are read one by one, and what
//! is in an object is read again from its text when somebody asks for it. What is wrong becomes [`Diagnostic`]s; each knows the [`Place`] it is about
//! as a path, and [`locate`] finds the lines of all of them in one pass when they are to be shown. So positions cost
//! nothing while nothing is wrong.
//!
//! This crate exists beside the main one because k8s-openapi's types take long to compile: they are instantiated
//! here, once, from one value type. [`decode_value`] is generic: other files (a scenario) are read the same way.

mod diagnostic;
mod document;
mod gateway;
mod header;
mod nearest;
mod object;
mod path;
mod place;
mod printing;
mod reading;
mod required;
mod resource_policy;
mod sidecar_set;
mod typed;
mod yaml;

pub use diagnostic::{CODES, Code, Diagnostic, Severity, code};
pub use document::{DataFile, Document};
pub use gateway::{GatewayPort, GatewayType, GatewayUtilization, IstioGateway, IstioGatewaySpec};
pub use nearest::{did_you_mean, nearest};
pub use object::{Decoder, Object, unknown_fields};
pub use path::{JsonPath, ParsePathError, Segment};
pub use place::{On, Origin, Place, Position, Source, locate};
pub use printing::to_yaml;
pub use reading::{Documents, is_no_data_file, read_data, read_documents, read_inline};
pub use resource_policy::{
    PreemptPolicy, ResourcePolicy, ResourcePolicySpec, Strategy, TryNextPolicy, TryNextUnits, Unit,
    UnitResource,
};
pub use sidecar_set::{
    BindingReference, InjectRevisionPolicy, PatchPolicy, PodInjectPolicy, Share, SharePolicy,
    SidecarContainer, SidecarSet, SidecarSetInjectRevision, SidecarSetInjectionStrategy,
    SidecarSetNamespaceSelector, SidecarSetPatchPodMetadata, SidecarSetResourceBinding,
    SidecarSetResourceBindingSpec, SidecarSetSpec, SidecarSetUpdateStrategy, SidecarUpgradeStrategy,
    SourceContainerName, TransferEnv, UpdateType, UpgradeType,
};
pub use typed::{FieldError, FieldErrorKind, Reading, Rules, decode_value};
