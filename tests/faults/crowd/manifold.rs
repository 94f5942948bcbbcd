//! One of each of what the crowd's load does not do: business days that open and close, proposals,
//! exchange at rates and at quotes, splits, mandates, freezes, and a binary batch.

use chain::{BatchHeader, BatchRecord, Signer};
use quittance::ledger::{Date, Execution, InstructionId, RECORD_KIND_TRANSFER, SECOND, Time};
use quittance::wire::Answer;
use serde_json::{Value, json};

use super::Crowd;
use crate::model::Content;
use crate::world::BANKS;

/// Records of the batch: enough for several threads to hash them.
const RECORDS: u32 = 1_000;

impl Crowd {
    /// Submits one wish, which has to come to this; gives its id.
    fn told(&self, url: &str, who: &'static str, mut wish: Value, code: &str) -> InstructionId {
        let id = self.id();
        let (_, fields) = wish.as_object_mut().unwrap().iter_mut().next().unwrap();
        fields["id"] = id.to_string().into();
        let answer = self.answered(url, who, &wish);
        assert_eq!(answer.outcomes[0].code.code(), code, "{wish}");
        id
    }

    fn answered(&self, url: &str, who: &'static str, wish: &Value) -> Answer {
        let sent = self.sent(who, false, &[wish.to_string()], Content::Rich);
        let answer = self.submit(&self.client(url), &sent).ok().flatten();
        answer.expect("the node is up")
    }

    fn in_seconds(&self, seconds: u64) -> String {
        Time::from_nanos(self.now_ns() + seconds * SECOND).to_string()
    }

    /// Everything in turn; two seconds later all of it is over.
    pub(crate) fn manifold(&self, url: &str) {
        self.days(url);
        self.batch(url);
        self.agreements(url);
        self.exchange(url);
        self.forms(url);
    }

    /// A calendar whose clock jumps from one in the night to the close of the day, and to the morning,
    /// and a payment that waits for that.
    fn days(&self, url: &str) {
        let now = self.now_ns() / SECOND;
        let minutes = i64::try_from(now / 60).unwrap();
        let offset = match 60 - minutes % 1_440 {
            offset @ -840.. => offset,
            offset => offset + 1_440,
        };
        let days = u32::try_from((minutes + offset) / 1_440).unwrap();
        let change = |after: u64, more: i64| {
            let at = Time::from_nanos((now + after) * SECOND);
            json!({"at": at, "offset_min": offset + more})
        };
        let set = json!({"set_calendar": {
            "asset": "KWD", "valid_from": Date::from_days(days),
            "good_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "holidays": [],
            "offset_min": offset, "offset_changes": [change(3, 75), change(5, 120)],
            "opens": "02:30", "opens_day_before": true, "customer_cutoff": "01:45",
            "interbank_cutoff": "02:00", "closes": "02:15", "roll": "following",
            "cutoff_policy": "roll", "max_warehouse_days": 5}});
        self.told(url, "operators", set, "APPLIED");
        let leg = json!({"debit": "bank-a:kwd", "credit": "bank-b:kwd", "asset": "KWD",
            "amount": "1.250"});
        let tomorrow = Date::from_days(days).plus(1);
        let pay = json!({"transfer": {"legs": [leg], "settlement_date": tomorrow}});
        self.told(url, "bank-a", pay, "WAREHOUSED");
    }

    fn batch(&self, url: &str) {
        let reader = self.reader(url).unwrap();
        let number = |address: &str| reader.account(address).unwrap().number;
        let (debit, credit) = (number("bank-c:usd"), number("bank-a:usd"));
        let header = BatchHeader {
            atomic: false,
            count: RECORDS,
            created: self.now_ns(),
            message_id: "manifold".into(),
            first_id: self.id().to_bytes(),
        };
        let mut body = header.to_bytes().unwrap().to_vec();
        for n in 0..RECORDS {
            // Some of them for want of funds come to nothing.
            let record = BatchRecord {
                debit,
                credit,
                amount: if n % 50 == 7 {
                    1 << 40
                } else {
                    u128::from(n % 9) + 1
                },
                pending_id: [0; 16],
                kind: RECORD_KIND_TRANSFER,
                flags: 0,
                timeout: 0,
                reference: [u8::from(n % 3 == 0); 32],
            };
            body.extend_from_slice(&record.to_bytes());
        }
        let signers = [self.key(BANKS[2]) as &dyn Signer];
        let submitted = self.client(url).submit_batch(BANKS[2], &body, &signers);
        assert!(submitted.unwrap().verified.is_some());
    }

    /// A payment against a payment that two agree to, one that is declined, one that nobody answers.
    fn agreements(&self, url: &str) {
        let leg = |debit: &str, credit: &str, asset: &str, amount: &str| json!({"debit": debit, "credit": credit, "asset": asset, "amount": amount});
        let propose = |seconds| {
            let pay = json!({"transfer": {"id": self.id().to_string(), "legs": [
                leg("bank-a:usd", "bank-b:usd", "USD", "2.00"),
                leg("bank-b:jpy", "bank-a:jpy", "JPY", "300")]}});
            json!({"propose": {"expires_at": self.in_seconds(seconds), "instructions": [pay]}})
        };
        let of = self.told(url, "bank-a", propose(60), "PROPOSED");
        let hash = self.reader(url).unwrap().proposal(of).unwrap().hash;
        let approve = json!({"approve": {"of": of, "hash": hash}});
        self.told(url, "bank-b", approve, "CARRIED_OUT");
        let of = self.told(url, "bank-a", propose(60), "PROPOSED");
        self.told(url, "bank-b", json!({"decline": {"of": of}}), "DECLINED");
        self.told(url, "bank-a", propose(2), "PROPOSED");
    }

    fn exchange(&self, url: &str) {
        let provider = json!({"set_provider": {"participant": "bank-b", "active": true}});
        self.told(url, "operators", provider, "APPLIED");
        let execute = Execution {
            base: "bank-b:usd".parse().unwrap(),
            quote: "bank-b:jpy".parse().unwrap(),
            max: "50.00".parse().unwrap(),
        };
        let rate = json!({"set_rate": {"base": "USD", "quote": "JPY", "source": "desk",
            "bid": "15025/100", "ask": "15075/100", "valid_to": self.in_seconds(600),
            "execute": execute}});
        self.told(url, "bank-b", rate, "APPLIED");
        let convert = |fixed: &str, amount: &str, limit: &str, at: Value| {
            json!({"convert": {"debit": "bank-a:usd", "credit": "bank-a:jpy", "fixed": fixed,
                "amount": amount, "limit": limit, "at": at}})
        };
        let at = json!({"rate": {"provider": "bank-b", "source": "desk"}});
        self.told(
            url,
            "bank-a",
            convert("source", "10.01", "1504", at),
            "SETTLED",
        );
        let quote = |seconds| {
            json!({"quote": {"for": "bank-a", "receive": "bank-b:usd", "source_amount": "1.00",
                "debit": "bank-b:jpy", "credit": "bank-a:jpy", "target_amount": "151",
                "expires_at": self.in_seconds(seconds)}})
        };
        let of = self.told(url, "bank-b", quote(60), "RESERVED");
        let at = json!({"quote": of});
        self.told(
            url,
            "bank-a",
            convert("target", "151", "1.00", at),
            "SETTLED",
        );
        self.told(url, "bank-b", quote(2), "RESERVED");
    }

    /// A split, a debit under a mandate, a rule of postings, a freeze that ends by its time.
    fn forms(&self, url: &str) {
        let split = json!({"split": {"asset": "USD",
            "payers": [{"account": "bank-a:usd", "amount": "10.00"}],
            "payees": [{"account": "bank-b:usd", "ratio": 1}, {"account": "bank-c:usd", "ratio": 2},
                {"account": "bank-a:rich-0", "ratio": 4}]}});
        self.told(url, "bank-a", split, "SETTLED");
        let grant = json!({"grant_mandate": {"account": "bank-a:usd", "to": "bank-b",
            "total_max": "9.00", "per_transfer_max": "5.00", "period": "month",
            "period_max": "8.00"}});
        let mandate = self.told(url, "bank-a", grant, "APPLIED");
        let leg = json!({"debit": "bank-a:usd", "credit": "bank-b:usd", "asset": "USD",
            "amount": "4.50"});
        let debit = json!({"transfer": {"legs": [leg], "mandate": mandate}});
        self.told(url, "bank-b", debit.clone(), "SETTLED");
        self.told(url, "bank-b", debit, "MANDATE_EXCEEDED");
        let posting = json!({"set_posting": {"debit": "settlement", "credit": "suspense",
            "allowed": false}});
        self.told(url, "operators", posting, "APPLIED");
        let freeze = json!({"freeze": {"account": "bank-c:jpy", "case": "M-1",
            "level": "no_debit", "expires_at": self.in_seconds(2)}});
        self.told(url, "operators", freeze, "APPLIED");
    }
}
