//! Start-up, images.

use std::collections::BTreeMap;

use overspill_manifest::{JsonPath, code};

use super::Resolver;
use crate::capacity::{EcsStartModel, Law, PullModel};
use crate::object::image::normalized;
use crate::scenario::notation::Amount;
use crate::scenario::read::Locator;
use crate::simulation::scenario::EcsSetup;
use crate::units::{Bytes, Span};

/// How long a started pod takes to be ready, where the scenario does not say (estimate).
pub(super) const READY: Law = Law::Constant(Span::from_secs(1));
/// How long a pod takes to end, where the scenario does not say (estimate).
const SHUTDOWN: Law = Law::Constant(Span::from_secs(2));
/// The size of an image that the scenario does not give (estimate).
const IMAGE_SIZE: Bytes = Bytes::from_mib(100);
/// The kubelet's `nodeStatusUpdateFrequency` (pkg/kubelet/apis/config/v1beta1/defaults.go).
const NODE_STATUS_UPDATE: Span = Span::from_secs(10);

impl Resolver<'_> {
    pub(super) fn ecs(&mut self) -> Option<EcsSetup> {
        let given = self.spec().ecs.clone();
        let path = Locator::spec().key("ecs");
        let defaults = EcsStartModel::default();
        let container_start =
            self.law(&path.key("containerStart"), given.container_start.as_ref(), defaults.container_start);
        let readiness = self.law(&path.key("ready"), given.ready.as_ref(), READY);
        let pull = self.pull(&path.key("pullBandwidth"), given.pull_bandwidth, defaults.pull);
        let update = given.image_status_update.map_or(NODE_STATUS_UPDATE, |given| given.0);
        Some(EcsSetup {
            start: EcsStartModel { pull: pull?, container_start: container_start? },
            readiness: readiness?,
            image_status_update: self.longer_than_nothing(&path.key("imageStatusUpdate"), update)?,
        })
    }

    pub(super) fn shutdown(&mut self) -> Option<Law> {
        let given = self.spec().shutdown.clone();
        self.law(&Locator::spec().key("shutdown"), given.as_ref(), SHUTDOWN)
    }

    pub(super) fn pull(
        &mut self,
        path: &JsonPath,
        given: Option<Amount>,
        defaults: PullModel,
    ) -> Option<PullModel> {
        let Some(given) = given else { return Some(defaults) };
        match u64::try_from(given.0.value()) {
            Ok(bytes) if bytes > 0 => Some(PullModel { vpc_bytes_per_second: bytes, ..defaults }),
            _ => {
                self.say(&code::DO_NOT_FIT, path, "must be more than zero bytes per second");
                None
            }
        }
    }

    pub(super) fn longer_than_nothing(&mut self, path: &JsonPath, given: Span) -> Option<Span> {
        if given == Span::ZERO {
            self.say(&code::DO_NOT_FIT, path, "must be longer than 0s");
            return None;
        }
        Some(given)
    }

    pub(super) fn image_sizes(&mut self) -> BTreeMap<String, Bytes> {
        let mut sizes = BTreeMap::new();
        for (name, amount) in self.spec().images.clone() {
            let path = Locator::spec().key("images").key(&name);
            sizes.insert(normalized(&name), self.size(&path, amount));
        }
        sizes
    }

    pub(super) fn default_image_size(&mut self) -> Bytes {
        match self.spec().default_image_size {
            None => IMAGE_SIZE,
            Some(given) => self.size(&Locator::spec().key("defaultImageSize"), given),
        }
    }

    fn size(&mut self, path: &JsonPath, amount: Amount) -> Bytes {
        if amount.0.is_negative() {
            self.say(&code::DO_NOT_FIT, path, "must be greater than or equal to 0");
        }
        Bytes(amount.0.value().max(0))
    }
}
