//! Choices of expanders, each worked by hand from the formula of its document.

use super::*;

/// `nodes` nodes of `capacity` cores and GiB that cost `price` an hour each, for `pods` pods that request `wants` cores
/// and GiB together.
fn offer(name: &str, nodes: u32, capacity: (i64, i64), pods: usize, wants: (i64, i64), price: f64) -> Offer {
    let amount = |(cores, gib): (i64, i64)| (MilliCpu::from_cores(cores), Bytes::from_gib(gib));
    let (requested, capacity) = (amount(wants), amount(capacity));
    Offer { name: name.to_owned(), nodes, pods, requested, capacity, node_price: price }
}

/// How many nodes, what each has, and what the pods request.
type Wasting = (u32, (i64, i64), (i64, i64));

/// What it is about, the offers, what each wastes, and the best.
type Case<'c> = (&'c str, &'c [Wasting], &'c [f64], &'c [usize]);

/// The offers `nodes × capacity` for one pod that requests `wants`.
fn wasting(offers: &[Wasting]) -> Vec<Offer> {
    offers.iter().map(|&(nodes, capacity, wants)| offer("g", nodes, capacity, 1, wants, 0.0)).collect()
}

/// A cluster of ten nodes, which four cores suit, where a vCPU is worth 0.04 and a GiB 0.005 an hour: 500m and 500Mi are
/// worth 0.02 + 0.48828125 × 0.005 = 0.02244140625.
const MARKET: Market = Market { nodes: 10, vcpu_price: 0.04, gib_price: 0.005 };

#[track_caller]
fn check(expander: &Expander, offers: &[Offer], best: &[usize]) {
    let all: Vec<_> = (0..offers.len()).collect();
    assert_eq!(expander.best(offers, &all, MARKET), best, "{expander:?}");
}

#[track_caller]
fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() < 5e-5, "{got} and not {expected}");
}

/// rule: ca-least-waste
#[test]
fn least_waste_adds_up_the_shares_that_are_left() {
    let cases: &[Case<'_>] = &[
        ("half of each against nothing", &[(1, (4, 16), (2, 8)), (1, (2, 8), (2, 8))], &[1.0, 0.0], &[1]),
        (
            "1/4 + 5/8 against 1/4 + 13/16",
            &[(2, (2, 4), (3, 3)), (1, (4, 16), (3, 3))],
            &[0.875, 1.0625],
            &[0],
        ),
        ("one of 4 is two of 2", &[(1, (4, 8), (2, 4)), (2, (2, 4), (2, 4))], &[1.0, 1.0], &[0, 1]),
        ("fewer pods, but nothing left", &[(1, (1, 1), (1, 1)), (1, (16, 16), (10, 10))], &[0.0, 0.75], &[0]),
        (
            "1/4 + 26/32 against 5/8 + 10/16",
            &[(1, (4, 32), (3, 6)), (1, (8, 16), (3, 6))],
            &[1.0625, 1.25],
            &[0],
        ),
        (
            "pods that request nothing leave all",
            &[(1, (4, 16), (0, 0)), (1, (2, 4), (0, 0))],
            &[2.0, 2.0],
            &[0, 1],
        ),
        (
            "of three the middle",
            &[(3, (2, 8), (4, 8)), (2, (2, 8), (4, 8)), (1, (8, 16), (4, 8))],
            &[1.0, 0.5, 1.0],
            &[1],
        ),
    ];
    for (what, offers, wastes, best) in cases {
        let offers = wasting(offers);
        for (offer, &expected) in offers.iter().zip(*wastes) {
            assert!((waste(offer) - expected).abs() < 1e-12, "{what}: {} and not {expected}", waste(offer));
        }
        check(&Expander::LeastWaste, &offers, best);
    }
}

/// rule: ca-most-pods
#[test]
fn most_pods_counts_pods_whatever_nodes_they_take() {
    let of = |pods: &[usize]| -> Vec<Offer> {
        pods.iter().map(|&pods| offer("g", pods as u32, (4, 16), pods, (1, 1), 1.0)).collect()
    };
    check(&Expander::MostPods, &of(&[3, 5]), &[1]);
    check(&Expander::MostPods, &of(&[5, 2, 5]), &[0, 2]);
}

/// The ConfigMap of the priority expander's own page: t2.large and t3.large 10, m4.4xlarge 50.
fn priorities() -> Expander {
    let patterns = [(10, ".*t2\\.large.*"), (10, ".*t3\\.large.*"), (50, ".*m4\\.4xlarge.*"), (60, "^gpu$")];
    Expander::Priority(Priorities::new(patterns).unwrap())
}

fn named(names: &[&str]) -> Vec<Offer> {
    names.iter().map(|name| offer(name, 1, (4, 16), 1, (1, 1), 1.0)).collect()
}

/// rule: ca-priority
#[test]
fn the_highest_priority_that_matches_wins() {
    let expander = priorities();
    check(&expander, &named(&["t2.large", "m4.4xlarge"]), &[1]);
    check(&expander, &named(&["a-m4.4xlarge-1", "t3.large", "a-m4.4xlarge-2"]), &[0, 2]);
    check(&expander, &named(&["t2.large", "t3.large"]), &[0, 1]);
    check(&expander, &named(&["c7.xlarge", "t2.large"]), &[1]);
    check(&expander, &named(&["c7.xlarge", "g7.xlarge"]), &[0, 1]);
    check(&expander, &named(&["gpu-m4.4xlarge", "m4.4xlarge"]), &[0, 1]);
    check(&expander, &named(&["t2.large m4.4xlarge", "t2.large"]), &[0]);
    assert_eq!(Priorities::new([(1, "(")]).unwrap_err().0, "(");
}

/// The search for the highest begins at -1: what is lower is as if it were not written.
///
/// rule: ca-priority
#[test]
fn priorities_below_minus_one_never_win() {
    let of = |priority: i32| Expander::Priority(Priorities::new([(priority, "4xlarge$")]).unwrap());
    let offers = named(&["c7.xlarge", "c7.4xlarge"]);
    check(&of(-1), &offers, &[1]);
    check(&of(-2), &offers, &[0, 1]);
}

/// rule: ca-price
#[test]
fn nodes_double_in_the_size_that_suits_when_the_cluster_grows_threefold() {
    let sizes =
        [(0, 1), (2, 1), (3, 2), (6, 2), (7, 4), (20, 4), (21, 8), (60, 8), (61, 16), (200, 16), (201, 32)];
    for (nodes, cores) in sizes {
        assert_eq!(preferred_cpu(nodes), MilliCpu::from_cores(cores), "{nodes} nodes");
    }
}

/// rule: ca-price
#[test]
fn price_weighs_what_is_paid_against_what_pods_are_worth_and_the_size_that_suits() {
    // Pods of 4 cores and 16 GiB are worth 0.24. One node of 4 cores for 0.2: 0.22244/0.26244 = 0.84758. Two of half the
    // size: 1 + 1 × (1 - tanh(1/15)) = 1.93343 times as much.
    let whole = offer("whole", 1, (4, 16), 1, (4, 16), 0.2);
    let halves = |price| offer("halves", 2, (2, 8), 1, (4, 16), price);
    near(price_score(&whole, MARKET), 0.84758);
    near(price_score(&halves(0.1), MARKET), 0.84758 * 1.93343);
    check(&Expander::Price, &[whole.clone(), halves(0.1)], &[0]);
    // At 0.04 each: 0.10244/0.26244 × 1.93343.
    near(price_score(&halves(0.04), MARKET), 0.75470);
    check(&Expander::Price, &[whole, halves(0.04)], &[1]);
}

/// rule: ca-price
#[test]
fn pods_that_request_nothing_are_weighed_by_the_stabilising_pod() {
    // 0.22244140625/0.02244140625 = 9.91210 for four cores; 0.12244140625/0.02244140625 × 2 = 10.91210 for two.
    let offers = [offer("a", 1, (4, 16), 1, (0, 0), 0.2), offer("b", 1, (2, 8), 1, (0, 0), 0.1)];
    near(price_score(&offers[0], MARKET), 9.91210);
    near(price_score(&offers[1], MARKET), 10.91210);
    check(&Expander::Price, &offers, &[0]);
}

/// rule: ca-price
#[test]
fn the_more_nodes_the_less_their_size_matters() {
    // 31 nodes of a quarter of the size: 1 + 3 × (1 - tanh 2) = 1.10792. Pods of 31 cores are worth 1.24.
    // 31 × 0.05: 1.57244/1.26244 × 1.10792 = 1.37998; 8 × 0.2: 1.62244/1.26244 = 1.28516; 31 × 0.045: 1.24395.
    let small = |price| offer("small", 31, (1, 4), 31, (31, 0), price);
    let large = offer("large", 8, (4, 16), 31, (31, 0), 0.2);
    near(price_score(&small(0.05), MARKET), 1.37998);
    near(price_score(&large, MARKET), 1.28516);
    near(price_score(&small(0.045), MARKET), 1.24395);
    check(&Expander::Price, &[small(0.05), large.clone()], &[1]);
    check(&Expander::Price, &[small(0.045), large], &[0]);
}

/// In a cluster of two nodes one core suits: (0.06 + s)/(0.06 + s) = 1, and (0.2 + s)/(0.06 + s) × 4 = 10.79.
///
/// rule: ca-price
#[test]
fn a_small_cluster_suits_small_nodes() {
    let market = Market { nodes: 2, ..MARKET };
    let offers = [offer("a", 1, (1, 4), 1, (1, 4), 0.06), offer("b", 1, (4, 16), 1, (1, 4), 0.2)];
    near(price_score(&offers[0], market), 1.0);
    near(price_score(&offers[1], market), 10.79273);
    assert_eq!(Expander::Price.best(&offers, &[0, 1], market), [0]);
}

/// rule: ca-random
#[test]
fn each_expander_of_a_chain_looks_at_what_the_one_before_left() {
    let offers = [
        offer("m4.4xlarge", 1, (4, 16), 2, (2, 8), 0.2),
        offer("m4.4xlarge-b", 1, (4, 16), 3, (3, 12), 0.2),
        offer("t2.large", 1, (2, 8), 4, (2, 8), 0.1),
    ];
    let choose = |chain: &[Expander]| choose(chain, &offers, MARKET, (1, 1));
    assert_eq!(choose(&[priorities(), Expander::LeastWaste]), Some(1), "t2.large would leave nothing");
    assert_eq!(choose(&[Expander::LeastWaste, priorities()]), Some(2));
    assert_eq!(choose(&[Expander::MostPods, Expander::Price]), Some(2));
    assert_eq!(super::choose(&[Expander::Random], &[], MARKET, (1, 1)), None);
}

/// rule: ca-random
#[test]
fn random_leaves_nothing_to_what_stands_behind_it() {
    let offers = wasting(&[(1, (4, 16), (2, 8)), (1, (2, 8), (2, 8))]);
    let chain = [Expander::Random, Expander::LeastWaste];
    for scan in 0..20 {
        let alone = choose(&chain[..1], &offers, MARKET, (7, scan));
        assert_eq!(choose(&chain, &offers, MARKET, (7, scan)), alone);
    }
    assert!((0..20).any(|scan| choose(&chain, &offers, MARKET, (7, scan)) == Some(0)));
}

/// Of three equal offers each is drawn a third of the time; 4 standard deviations of 3000 draws are 103.
///
/// rule: ca-random
#[test]
fn ties_are_drawn_anew_in_each_scan() {
    let offers = named(&["a", "b", "c"]);
    let mut counts = [0_i32; 3];
    for scan in 0..3000 {
        let drawn = choose(&[Expander::LeastWaste], &offers, MARKET, (7, scan)).unwrap();
        assert_eq!(choose(&[Expander::Random], &offers, MARKET, (7, scan)), Some(drawn));
        counts[drawn] += 1;
    }
    assert!(counts.iter().all(|count| (count - 1000).abs() < 103), "{counts:?}");
}
