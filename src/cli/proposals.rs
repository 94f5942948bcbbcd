//! `quittance proposals`: what waits for signatures, in words, with the hash that one approves by.

use clap::Args;
use serde_json::Value;

use super::Context;
use super::connect::SessionArgs;
use super::error::{Failure, Kind};
use super::output::Table;
use super::whoami::word;
use crate::ledger::{Instruction, InstructionId, Leg};
use crate::wire::{ProposalState, ProposalView};

/// Lists proposals, or says in words what one of them proposes
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance proposals --key hsm-1.pem\n         \
                   quittance proposals 019a9c5e-7d40-7abc-8123-0123456789ab --key hsm-1.pem"
)]
pub(crate) struct ProposalsArgs {
    /// Id of the instruction that proposed
    #[arg(conflicts_with = "all")]
    id: Option<InstructionId>,
    /// Also those that ended lately
    #[arg(long, env = "QUITTANCE_ALL")]
    all: bool,
    /// Show at most so many
    #[arg(long, default_value_t = 50, value_name = "N", env = "QUITTANCE_LIMIT")]
    limit: usize,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &ProposalsArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    let Some(id) = args.id else {
        let proposals = client.proposals(!args.all, args.limit)?;
        return context.out.data(&proposals, || lines(&proposals));
    };
    let proposal = client.proposal(id)?;
    if proposal.state != ProposalState::Open {
        return context
            .out
            .data(&proposal, || lines(std::slice::from_ref(&proposal)));
    }
    // Nobody should approve what the node only says: the words are read out of what the hash is of.
    let Some(proposed) = proposal.proposed() else {
        return Err(Failure::new(
            Kind::Invalid,
            "the proposal's content is not what its hash is of",
        )
        .hint("do not approve it, and ask the operators"));
    };
    context.out.data(&proposal, || words(&proposed))?;
    for asked in &proposal.asked {
        context.out.say(format_args!(
            "{}: {} signed, {} to go",
            asked.participant, asked.signed, asked.missing
        ));
    }
    let (maker, end, hash) = (&proposal.maker, proposal.expires_at, proposal.hash.0);
    context.out.say(format_args!(
        "proposed by {maker} in entry {}, until {end}; hash {hash}",
        proposal.index
    ));
    context.out.say(format_args!(
        "to agree: quittance submit --key YOURS.pem --instruction \
         '{{\"approve\":{{\"of\":\"{id}\",\"hash\":\"{hash}\"}}}}'"
    ));
    Ok(())
}

/// A line a proposal.
fn lines(proposals: &[ProposalView]) -> Table {
    let mut table = Table::new(&[
        "proposal", "state", "by", "asks for", "missing", "expires", "entry>",
    ]);
    for proposal in proposals {
        let proposed = proposal.proposed().unwrap_or_default();
        let mut kinds: Vec<String> = proposed.iter().map(kind).collect();
        kinds.dedup();
        let missing = proposal.asked.iter().filter(|asked| asked.missing > 0);
        let missing: Vec<&str> = missing.map(|asked| asked.participant.as_str()).collect();
        table.row([
            proposal.id.to_string(),
            word(&proposal.state),
            proposal.maker.to_string(),
            kinds.join(", "),
            missing.join(", "),
            proposal.expires_at.to_string(),
            proposal.ended_index.unwrap_or(proposal.index).to_string(),
        ]);
    }
    table
}

/// A line for each thing that would be done.
fn words(proposed: &[Instruction]) -> Table {
    let mut table = Table::new(&["n>", "what", "how"]);
    for (n, instruction) in (1..).zip(proposed) {
        for how in said(instruction) {
            table.row([format!("{n}"), kind(instruction), how]);
        }
    }
    table
}

fn kind(instruction: &Instruction) -> String {
    let value = serde_json::to_value(instruction).unwrap_or_default();
    let kind = value.as_object().and_then(|fields| fields.keys().next());
    kind.map_or_else(String::new, |kind| kind.replace('_', " "))
}

/// What an instruction says, a line each: its legs, and then whatever else stands in it.
fn said(instruction: &Instruction) -> Vec<String> {
    let legs: &[Leg] = match instruction {
        Instruction::Transfer(i) => &i.legs,
        Instruction::Reserve(i) => &i.legs,
        _ => &[],
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), Into::into);
    let part = |value: Option<&Value>| value.map(text).unwrap_or_default();
    let of = |leg: &Leg| {
        let leg = serde_json::to_value(leg).unwrap_or_default();
        let [debit, credit, asset, amount] =
            ["debit", "credit", "asset", "amount"].map(|name| part(leg.get(name)));
        format!("{amount} {asset} from {debit} to {credit}")
    };
    let mut said: Vec<String> = legs.iter().map(of).collect();
    let value = serde_json::to_value(instruction).unwrap_or_default();
    let fields = value.as_object().and_then(|fields| fields.values().next());
    let fields = fields.and_then(Value::as_object).into_iter().flatten();
    let rest = fields.filter(|(name, _)| !matches!(name.as_str(), "id" | "legs"));
    let rest: Vec<String> = rest
        .map(|(name, value)| format!("{} {}", name.replace('_', " "), text(value)))
        .collect();
    if !rest.is_empty() {
        said.push(rest.join(", "));
    }
    if said.is_empty() {
        said.push(String::new());
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_proposed_is_said() {
        let read = |json: &str| said(&serde_json::from_str(json).unwrap());
        let swap = r#"{"transfer":{"id":"019a9c5e-7d40-7abc-8123-0123456789ab","legs":[
            {"debit":"bank-a:usd","credit":"bank-b:usd","asset":"USD","amount":"10.00"},
            {"debit":"bank-b:eur","credit":"bank-a:eur","asset":"EUR","amount":"9.20"}],"check":"net"}}"#;
        let expected = [
            "10.00 USD from bank-a:usd to bank-b:usd",
            "9.20 EUR from bank-b:eur to bank-a:eur",
            "check net",
        ];
        assert_eq!(read(swap), expected);
        let limits = r#"{"set_limits":{"id":"019a9c5e-7d40-7abc-8123-0123456789ab",
            "address":"bank-a:usd","credit_line":"5.00","velocity":[{"seconds":60,"direction":"debit","count":3}]}}"#;
        let expected = ["address bank-a:usd, credit line 5.00, velocity \
             [{\"count\":3,\"direction\":\"debit\",\"seconds\":60}]"];
        assert_eq!(read(limits), expected);
        let kind = kind(&serde_json::from_str(limits).unwrap());
        assert_eq!(kind, "set limits");
    }
}
