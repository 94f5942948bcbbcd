//! Proposals, as readers are shown them.

use alloc::string::String;
use alloc::vec::Vec;

use chain::Hash;
use serde::{Deserialize, Serialize};

use super::base64::HashText;
use crate::ledger::{
    Book, Instruction, InstructionId, ParticipantId, Proposal, ProposalEnd, Time, proposal_hash,
};

/// A proposal, with what it proposes as the exact text that its hash is of: whoever approves makes
/// the hash again, and reads what is asked out of the same text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalView {
    /// Id of the instruction that made it.
    pub id: InstructionId,
    /// Who submitted that.
    pub maker: ParticipantId,
    /// Log index of its entry.
    pub index: u64,
    /// Whether it is open, or how it ended.
    pub state: ProposalState,
    /// When it expires, unless it ends before.
    pub expires_at: Time,
    /// What an approval states.
    pub hash: HashText,
    /// The `propose` as its item has it, while it is open; then the log has it.
    pub content: Option<String>,
    /// Whose signatures it takes.
    pub asked: Vec<AskedView>,
    /// Who ended it, if anybody did.
    pub ended_by: Option<ParticipantId>,
    /// Log index of the entry that ended it.
    pub ended_index: Option<u64>,
    /// Time of that entry.
    pub ended_at: Option<Time>,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// Somebody whose signature a proposal takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedView {
    /// Who.
    pub participant: ParticipantId,
    /// How many of its active keys have signed.
    pub signed: u32,
    /// How many more must.
    pub missing: u32,
}

/// Whether a proposal is open, or how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// It can be approved.
    Open,
    /// By the last approval.
    CarriedOut,
    /// By who made it.
    Withdrawn,
    /// By somebody who was asked.
    Declined,
    /// By its time.
    Expired,
}

/// A page of proposals, in the order of their ids, which is that of their times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalsPage {
    /// The proposals.
    pub items: Vec<ProposalView>,
    /// The `cursor` of the next page; a page may have no lines before the last.
    pub next: Option<InstructionId>,
}

impl ProposalView {
    /// Shows a proposal as it stands in `book` after entry `at_index`; `None` if the book does not know
    /// whom it names.
    #[must_use]
    pub fn of(book: &Book, it: &Proposal, at_index: u64) -> Option<Self> {
        let name = |number| Some(book.participant_numbered(number)?.id.clone());
        // What one key may do alone takes another one's approval all the same, once it is proposed.
        let enough = it.asked.iter().all(|number| it.missing(book, *number) == 0);
        let another = u32::from(it.is_open() && enough);
        let asked = it.asked.iter().map(|number| {
            Some(AskedView {
                participant: name(*number)?,
                signed: it.signed(book, *number),
                missing: it.missing(book, *number).max(another),
            })
        });
        let by_somebody = it.ended.filter(|ended| ended.how != ProposalEnd::Expired);
        Some(Self {
            id: it.id,
            maker: name(it.maker)?,
            index: it.index,
            state: match it.ended.map(|ended| ended.how) {
                None => ProposalState::Open,
                Some(ProposalEnd::CarriedOut) => ProposalState::CarriedOut,
                Some(ProposalEnd::Withdrawn) => ProposalState::Withdrawn,
                Some(ProposalEnd::Declined) => ProposalState::Declined,
                Some(ProposalEnd::Expired) => ProposalState::Expired,
            },
            expires_at: Time::from_nanos(it.expires),
            hash: HashText(Hash::from_bytes(it.hash)),
            content: it.is_open().then(|| it.json.clone()),
            asked: asked.collect::<Option<_>>()?,
            ended_by: by_somebody.and_then(|ended| name(ended.by)),
            ended_index: it.ended.map(|ended| ended.index),
            ended_at: it.ended.map(|ended| Time::from_nanos(ended.time)),
            at_index,
        })
    }

    /// What it proposes, read out of its content, if that is what the hash is of, and if it is this
    /// proposal's. A reader who does not trust the node believes nothing else.
    #[must_use]
    pub fn proposed(&self) -> Option<Vec<Instruction>> {
        let content = self.content.as_deref()?;
        if proposal_hash(&self.maker, content) != *self.hash.0.as_bytes() {
            return None;
        }
        match serde_json::from_str(content) {
            Ok(Instruction::Propose(i)) if i.id == self.id && i.expires_at == self.expires_at => {
                Some(i.instructions)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{BodyLimits, parse_body};
    use alloc::string::ToString;

    #[test]
    fn what_the_hash_is_not_of_is_not_believed() {
        let id: InstructionId = "019a9c5e-7d40-7abc-8123-0123456789ab".parse().unwrap();
        let expires_at: Time = "2026-12-06T12:00:00Z".parse().unwrap();
        let content = alloc::format!(
            r#"{{"propose":{{"id":"{id}","expires_at":"{expires_at}","instructions":[{{"set_parameter":{{"id":"019a9c5e-7d40-7abc-8123-0123456789ac","name":"window_back_s","value":60}}}}]}}}}"#
        );
        let maker: ParticipantId = "operators".parse().unwrap();
        let view = |content: &str, hashed: &str| ProposalView {
            id,
            maker: maker.clone(),
            index: 1,
            state: ProposalState::Open,
            expires_at,
            hash: HashText(Hash::from_bytes(proposal_hash(&maker, hashed))),
            content: Some(content.to_string()),
            asked: Vec::new(),
            ended_by: None,
            ended_index: None,
            ended_at: None,
            at_index: 1,
        };
        assert_eq!(view(&content, &content).proposed().unwrap().len(), 1);
        let other = content.replace("60", "61");
        assert_eq!(view(&other, &content).proposed(), None);
        // The hash of another proposal, with its content.
        let other = content.replace(&id.to_string(), "019a9c5e-7d40-7abc-8123-0123456789ad");
        assert_eq!(view(&other, &other).proposed(), None);
        let mut nobody = view(&content, &content);
        nobody.maker = "bank-a".parse().unwrap();
        assert_eq!(nobody.proposed(), None);
    }

    /// Code and pointer by which a body with this instruction is refused; `ID` stands for an id.
    fn refused(kind: &str, fields: &str) -> (&'static str, String) {
        let id = "019a9c5e-7d40-7abc-8123-0123456789ab";
        let body = alloc::format!(
            r#"{{"message_id":"m","created":"2026-11-23T09:30:00Z","nonce":"AAAAAAAAAAAAAAAAAAAAAA==","instructions":[{{"{kind}":{{"id":"{id}",{fields}}}}}]}}"#
        );
        let body = body.replace("ID", id);
        match parse_body(body.as_bytes(), &BodyLimits::default()) {
            Ok(_) => ("", String::new()),
            Err(error) => (error.code, error.pointer),
        }
    }

    #[test]
    fn what_is_proposed_is_read_as_strictly_as_what_is_asked_for() {
        let propose = |instructions: &str| {
            let fields = r#""expires_at":"2026-12-06T12:00:00Z","instructions""#;
            let (code, pointer) = refused("propose", &alloc::format!("{fields}:[{instructions}]"));
            let place = "/instructions/0/propose/instructions";
            (code, pointer.strip_prefix(place).map(ToString::to_string))
        };
        let leg = r#"{"debit":"a","credit":"b","asset":"USD","amount":"1.00"}"#;
        let pay =
            |more: &str| alloc::format!(r#"{{"transfer":{{"id":"ID","legs":[{leg}]{more}}}}}"#);
        let at = |code, place: &str| (code, Some(place.to_string()));
        assert_eq!(propose(&pay("")), ("", None));
        let many = |n| alloc::vec![pay(""); n].join(",");
        assert_eq!(propose(&many(16)), ("", None));
        assert_eq!(propose(&many(17)), at("INSTRUCTIONS_COUNT", ""));
        assert_eq!(propose(""), at("INSTRUCTIONS_COUNT", ""));
        let text = pay(r#","remittance":"x""#);
        assert_eq!(
            propose(&text),
            at("FIELD_UNKNOWN", "/0/transfer/remittance")
        );
        let units = pay("").replace("1.00", "1 minor units");
        assert_eq!(
            propose(&units),
            at("AMOUNT_GRAMMAR", "/0/transfer/legs/0/amount")
        );
        let numbered = pay("").replace(r#""a""#, "7");
        assert_eq!(
            propose(&numbered),
            at("FIELD_TYPE", "/0/transfer/legs/0/debit")
        );
        let about = r#"{"decline":{"id":"ID","of":"ID"}}"#;
        assert_eq!(propose(about), at("INSTRUCTION_UNKNOWN", "/0"));
        let (code, pointer) = propose(r#"{"fly":{"id":"ID"}}"#);
        assert_eq!(code, "INSTRUCTION_UNKNOWN");
        assert!(pointer.unwrap().starts_with("/0"));
        let twice = pay("").replacen("{", "[", 2);
        assert!(!propose(&twice).0.is_empty());
    }

    #[test]
    fn an_approval_names_a_proposal_or_is_of_old_form() {
        let hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let approve = |fields: &str| {
            let (code, pointer) = refused("approve", &fields.replace("HASH", hash));
            let pointer = pointer.strip_prefix("/instructions/0/approve/");
            (code, pointer.map(ToString::to_string))
        };
        let at = |code, field: &str| (code, Some(field.to_string()));
        assert_eq!(approve(r#""of":"ID","hash":"HASH""#), ("", None));
        assert_eq!(approve(r#""of":"ID""#), at("FIELD_MISSING", "hash"));
        assert_eq!(approve(r#""hash":"HASH""#), at("FIELD_MISSING", "of"));
        assert_eq!(
            approve(r#""of":"ID","hash":"x""#),
            at("HASH_GRAMMAR", "hash")
        );
        let both = r#""of":"ID","hash":"HASH","item":1"#;
        assert_eq!(approve(both), at("FIELD_UNKNOWN", "item"));
        let old = r#""entry_index":1,"item":1,"item_leaf":"HASH""#;
        assert_eq!(approve(old), ("", None));
        let some = r#""entry_index":1,"item_leaf":"HASH""#;
        assert_eq!(approve(some), at("FIELD_MISSING", "of"));
    }
}
