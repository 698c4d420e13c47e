use super::*;
use crate::units::{Bytes, MilliCpu};

fn pod_of(cpu: i64) -> PodSpec {
    let mut spec = PodSpec::empty("default");
    spec.requests.placed.cpu = MilliCpu(cpu);
    spec.requests.placed_non_zero_cpu = MilliCpu(cpu.max(100));
    spec.requests.placed_non_zero_memory = Bytes::from_mib(200);
    spec
}

fn create(cluster: &mut Cluster, cpu: i64, ordinal: u32) -> PodId {
    let class = cluster.intern(pod_of(cpu));
    cluster.create_pod(&format!("p{ordinal}"), class, Stream::of(0, ordinal), SimTime::ZERO)
}

#[test]
fn requests_follow_the_pods() {
    let mut cluster = Cluster::new();
    let node = cluster.add_node(NodeSpec::named("n"));
    let pods: Vec<_> =
        (0..4).map(|ordinal| create(&mut cluster, 100 + i64::from(ordinal % 2), ordinal)).collect();
    for &pod in &pods {
        cluster.bind(pod, node);
        cluster.check().unwrap();
    }
    assert_eq!(cluster.node(node).requested.cpu, MilliCpu(402));
    cluster.terminate(pods[1]);
    cluster.check().unwrap();
    assert_eq!(cluster.node(node).requested.cpu, MilliCpu(402), "a terminating pod keeps its requests");
    for pod in [pods[0], pods[1], pods[3], pods[2]] {
        cluster.remove_pod(pod);
        cluster.check().unwrap();
    }
    assert_eq!(cluster.node(node).requested.cpu, MilliCpu(0));
}

#[test]
fn a_pod_that_is_reclassified_stays_where_it_is() {
    let mut cluster = Cluster::new();
    let node = cluster.add_node(NodeSpec::named("n"));
    let pod = create(&mut cluster, 100, 0);
    cluster.bind(pod, node);
    let larger = cluster.intern(pod_of(300));
    cluster.reclassify(pod, larger);
    cluster.check().unwrap();
    assert_eq!(cluster.node(node).requested.cpu, MilliCpu(300));
}

#[test]
fn a_pod_that_is_bound_elsewhere_takes_its_requests_along() {
    let mut cluster = Cluster::new();
    let [from, to] = ["a", "b"].map(|name| cluster.add_node(NodeSpec::named(name)));
    let pods: Vec<_> = (0..2).map(|ordinal| create(&mut cluster, 100, ordinal)).collect();
    for &pod in &pods {
        cluster.bind(pod, from);
    }
    cluster.rebind(pods[0], to);
    cluster.check().unwrap();
    let requested = [from, to].map(|node| cluster.node(node).requested.cpu);
    assert_eq!((requested, cluster.pod(pods[0]).node), ([MilliCpu(100); 2], Some(to)));
}
