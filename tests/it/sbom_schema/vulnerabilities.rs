//! What advisories and approvals say in a document, whatever records hold.

use super::laws::{checked, inventory, list, named, property};
use super::repository::Repository;
use sbomgate::graph::DepGraph;
use sbomgate::judge::exposure::{Acceptance, Exposure, Flaw};
use sbomgate::model::advisory::{Epss, Exploitation, Seen, Severity};
use sbomgate::model::vex::{Assessment, Justification, Status};
use sbomgate::model::{Advisory, AdvisoryId, AdvisoryKind, Day, Location, Package, Rating, RelPath};
use sbomgate::sbom::{self, Format, Inventory, OpenVex, properties};
use serde_json::{Value, json};
use std::sync::Arc;

fn graphs() -> Vec<DepGraph> {
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {"name": "zoo", "version": "1.0.0", "dependencies": {"ant": "1", "bee": "1"}},
        "node_modules/ant": {"version": "1.0.0"}, "node_modules/bee": {"version": "1.0.0"}}}"#;
    Repository::of(&[("package-lock.json", lock)]).graphs()
}

fn package(graphs: &[DepGraph], name: &str) -> Package {
    graphs[0].packages().find(|(_, node)| node.package.name.as_str() == name).unwrap().1.package.clone()
}

fn id(text: &str) -> AdvisoryId {
    AdvisoryId::new(text).unwrap()
}

fn advisory(text: &str, kind: AdvisoryKind) -> Advisory {
    Advisory {
        id: id(text),
        aliases: vec![id("CVE-2025-1")],
        records: vec![id(text)],
        kind,
        summary: "it bites\u{1b}[31m\u{202e} <b> ]]> ##vso[task] \u{0}\n::error::".into(),
        severity: Some((Severity { rating: Rating::High, tenths: Some(75), vector: Some("CVSS:3.1/AV:N".into()) }, id(text))),
        published: Some(86_400),
        modified: 172_800,
        fixed: vec!["1.0.1".into()],
        fix_known: Some("1.0.1".into()),
        upgrade: Some("1.0.1".into()),
        through: Vec::new(),
        cwes: vec!["CWE-79".into(), "CWE-0".into(), "nonsense".into()],
        exploitation: None,
        functions: Vec::new(),
        references: vec!["https://ant.example/a b".into(), "javascript:alert(1) \u{200b}".into()],
        vex: None,
    }
}

fn flaw(advisory: Advisory) -> Flaw {
    Flaw { advisory, accepted: None }
}

fn of(graphs: &[DepGraph], flaws: Vec<(&str, Vec<Flaw>)>) -> Value {
    let flaws = flaws.into_iter().map(|(name, flaws)| (package(graphs, name), flaws)).collect();
    let exposure = Exposure { flaws, stores: vec!["npm: a store".into()], is_asked: true, gaps: Vec::new() };
    checked(&Inventory { exposure: Some(&exposure), ..inventory(graphs, &[]) })
}

#[test]
fn a_flaw_is_told_once_with_all_that_it_is_of() {
    let graphs = graphs();
    let known = advisory("GHSA-aaaa", AdvisoryKind::Vulnerability);
    let bom = of(&graphs, vec![("ant", vec![flaw(known.clone())]), ("bee", vec![flaw(known)])]);
    let all = list(&bom["vulnerabilities"]);
    assert_eq!(all.len(), 1);
    let one = &all[0];
    assert_eq!((&one["id"], &one["source"]["name"]), (&json!("GHSA-aaaa"), &json!("GHSA")));
    assert_eq!(one["references"][0]["id"], "CVE-2025-1");
    let rating = &one["ratings"][0];
    assert_eq!((&rating["score"], &rating["severity"], &rating["method"]), (&json!(7.5), &json!("high"), &json!("CVSSv31")));
    assert_eq!((&one["cwes"], &one["published"]), (&json!([79]), &json!("1970-01-02T00:00:00Z")));
    let affects: Vec<&Value> = list(&one["affects"]).iter().map(|target| &target["ref"]).collect();
    assert_eq!(affects, ["pkg:npm/ant@1.0.0", "pkg:npm/bee@1.0.0"]);
    assert_eq!(one["affects"][0]["versions"], json!([{"version": "1.0.0", "status": "affected"}]));
    assert_eq!(one["recommendation"], "update ant 1.0.0 to 1.0.1, bee 1.0.0 to 1.0.1");
    assert_eq!(one["analysis"], Value::Null);
    assert_eq!(property(&bom["metadata"], properties::ADVISORIES), ["npm: a store"]);
}

/// Consent is of one package: the other stays open, and nothing is said of whether the flaw can be used.
#[test]
fn what_somebody_accepted_is_told_with_its_last_day() {
    let graphs = graphs();
    let known = advisory("GHSA-aaaa", AdvisoryKind::Vulnerability);
    let accepted = Acceptance {
        until: Day::of_seconds(86_400 * 400),
        by: "Ada <ada@mail.example>".into(),
        on: Day::of_seconds(86_400),
        reason: "only \u{9b}in tests".into(),
    };
    let of_ant = Flaw { advisory: known.clone(), accepted: Some(accepted) };
    let bom = of(&graphs, vec![("ant", vec![of_ant]), ("bee", vec![flaw(known)])]);
    let all = list(&bom["vulnerabilities"]);
    let told: Vec<(&Value, &Value)> = all.iter().map(|one| (&one["affects"][0]["ref"], &one["analysis"])).collect();
    let consent = json!({"detail": "accepted by Ada <ada@mail.example> until 1971-02-05: only \u{9b}in tests",
        "firstIssued": "1970-01-02T00:00:00Z"});
    assert_eq!(told, [(&json!("pkg:npm/bee@1.0.0"), &Value::Null), (&json!("pkg:npm/ant@1.0.0"), &consent)]);
    assert_ne!(all[0]["bom-ref"], all[1]["bom-ref"]);
}

/// What nobody decided about is being looked at; only consent makes an action. Without a store there is no document.
#[test]
fn openvex_claims_no_more_than_is_known() {
    let graphs = graphs();
    let known = advisory("GHSA-aaaa", AdvisoryKind::Vulnerability);
    let day = Day::of_seconds(86_400);
    let accepted = Acceptance { until: day, by: "Ada".into(), on: day, reason: "tests".into() };
    let flaws = [("ant", Flaw { advisory: known.clone(), accepted: Some(accepted) }), ("bee", flaw(known))];
    let flaws = flaws.map(|(name, flaw)| (package(&graphs, name), vec![flaw])).into();
    let exposure = Exposure { flaws, stores: Vec::new(), is_asked: true, gaps: Vec::new() };
    let written = |exposure| {
        let mut out = Vec::new();
        let format = Format::OpenVexJson(OpenVex::V0_2_0);
        sbom::write(&Inventory { exposure, ..inventory(&graphs, &[]) }, format, &mut out).map(|()| out)
    };
    assert!(written(None).unwrap_err().to_string().contains("--advisories"));
    let document: Value = serde_json::from_slice(&written(Some(&exposure)).unwrap()).unwrap();
    assert_eq!((&document["@context"], &document["version"]), (&json!("https://openvex.dev/ns/v0.2.0"), &json!(1)));
    let told = |statement: &Value| {
        let product = &statement["products"][0];
        (
            product["@id"].clone(),
            product["subcomponents"][0]["@id"].clone(),
            statement["status"].clone(),
            statement["action_statement"].clone(),
        )
    };
    let zoo = json!("pkg:npm/zoo@1.0.0");
    assert_eq!(
        list(&document["statements"]).iter().map(told).collect::<Vec<_>>(),
        [
            (zoo.clone(), json!("pkg:npm/bee@1.0.0"), json!("under_investigation"), Value::Null),
            (zoo, json!("pkg:npm/ant@1.0.0"), json!("affected"), json!("accepted by Ada until 1970-01-02: tests")),
        ]
    );
}

#[test]
fn what_is_no_flaw_is_told_at_the_component() {
    let graphs = graphs();
    let kinds = vec![flaw(advisory("RUSTSEC-1", AdvisoryKind::Unmaintained)), flaw(advisory("MAL-1", AdvisoryKind::Malware))];
    let bom = of(&graphs, vec![("ant", kinds)]);
    assert_eq!(list(&bom["vulnerabilities"]).len(), 1);
    assert_eq!(property(&bom["vulnerabilities"][0], properties::ADVISORY_KIND), ["malware"]);
    assert!(property(named(&bom, "ant"), properties::ADVISORY)[0].starts_with("RUSTSEC-1: unmaintained: it bites"));
    assert_eq!(checked(&inventory(&graphs, &[]))["vulnerabilities"], Value::Null);
}

/// Whatever somebody says of a flaw, every version of the document is valid, as XML too.
#[test]
fn every_statement_is_valid() {
    let graphs = graphs();
    let words = ["not_affected", "resolved", "resolved_with_pedigree", "exploitable", "in_triage", "false_positive"];
    let reasons = ["code_not_reachable", "requires_environment", "protected_at_runtime"];
    for (word, reason) in words.into_iter().zip(reasons.into_iter().cycle()) {
        let vex = Assessment {
            status: Status::of_cyclonedx(word).unwrap(),
            justification: Justification::of_cyclonedx(reason),
            responses: vec!["update", "can_not_fix"],
            detail: Some("it \u{1b}[31m bites ]]> <b>\n::error::".into()),
            action: Some("run".into()),
            author: Some("Ada \u{202e}".into()),
            issued: Some(86_400),
            updated: Some(i64::MAX),
            location: Location::new(&RelPath::new("vex.json").unwrap(), 3),
        };
        let vex = Some(Arc::new(vex));
        let bom = of(&graphs, vec![("ant", vec![flaw(Advisory { vex, ..advisory("GHSA-aaaa", AdvisoryKind::Vulnerability) })])]);
        let analysis = &bom["vulnerabilities"][0]["analysis"];
        assert_eq!((&analysis["state"], &analysis["justification"]), (&json!(word), &json!(reason)));
        assert_eq!((&analysis["firstIssued"], &analysis["response"]), (&json!("1970-01-02T00:00:00Z"), &json!(["update", "can_not_fix"])));
    }
}

/// Ratings of every kind, and what is known of attacks.
#[test]
fn every_rating_is_valid() {
    let graphs = graphs();
    for (vector, tenths, rating) in [
        (Some("CVSS:4.0/AV:N"), Some(100), Rating::Critical),
        (Some("CVSS:3.0/AV:N"), Some(0), Rating::None),
        (Some("AV:N/AC:L"), Some(33), Rating::Low),
        (Some("\u{0}odd"), None, Rating::Medium),
        (None, None, Rating::High),
    ] {
        let severity = Severity { rating, tenths, vector: vector.map(Into::into) };
        let seen = Some(Seen { since: 0, ransomware: true });
        let exploitation = Some(Exploitation { epss: Some(Epss { score: 97_000, percentile: 99_000 }), seen });
        let known =
            Advisory { severity: Some((severity, id("GHSA-aaaa"))), exploitation, ..advisory("GHSA-aaaa", AdvisoryKind::Vulnerability) };
        let bom = of(&graphs, vec![("ant", vec![flaw(known)])]);
        assert_eq!(bom["vulnerabilities"][0]["ratings"][0]["severity"], rating.as_str());
        assert_eq!(property(&bom["vulnerabilities"][0], properties::EPSS), ["0.97000"]);
        assert_eq!(property(&bom["vulnerabilities"][0], properties::EXPLOITED), ["1970-01-01"]);
    }
}

/// Flaws of every kind that a document can tell of, some accepted and some spoken of.
pub fn exposed(packages: &[Package]) -> Exposure {
    let day = Day::of_seconds(86_400);
    let vex = Assessment {
        status: Status::NotAffected,
        justification: Justification::of_openvex("vulnerable_code_not_in_execute_path"),
        responses: Vec::new(),
        detail: Some("nobody calls it".into()),
        action: None,
        author: Some("Ada".into()),
        issued: Some(86_400),
        updated: None,
        location: Location::new(&RelPath::new("vex.json").unwrap(), 3),
    };
    let plain =
        |id: &str, kind| Advisory { summary: "it bites".into(), references: vec!["https://ant.example/a".into()], ..advisory(id, kind) };
    let spoken = Advisory { vex: Some(Arc::new(vex)), ..plain("GHSA-aaaa", AdvisoryKind::Vulnerability) };
    let accepted = Acceptance { until: day, by: "Ada".into(), on: day, reason: "tests".into() };
    let flaws = packages.iter().enumerate().map(|(at, package)| {
        let own = plain(&format!("GHSA-bbbb-{at}"), AdvisoryKind::Malware);
        (package.clone(), vec![Flaw { advisory: spoken.clone(), accepted: Some(accepted.clone()) }, flaw(own)])
    });
    Exposure { flaws: flaws.collect(), stores: Vec::new(), is_asked: true, gaps: Vec::new() }
}
