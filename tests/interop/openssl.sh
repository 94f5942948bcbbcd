#!/usr/bin/env bash
# A bank with no software of ours: openssl, sha256sum, base64, xxd and curl settle a payment.
#
#     QUITTANCE=path/to/quittance tests/interop/openssl.sh
#
# The parts between "# [name" and "# name]" stand in docs/guide/bank.md word for word.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$HERE/node.sh"

FOLDER=$(mktemp -d)
trap 'stop_node; rm -rf "$FOLDER"' EXIT
start_node "$FOLDER/node"
cd "$FOLDER"

# --- the bank's side: from here on, only tools that every system has -----------------------------

# [key
openssl genpkey -algorithm ed25519 -out bank-a.pem
openssl pkey -in bank-a.pem -pubout -outform DER | tail -c 32 >bank-a.pub

KEY_NAME=bank-a/openssl-1
KEY_ID=$( (printf '%s\n\001' "$KEY_NAME"; cat bank-a.pub) | sha256sum | cut -c 1-8)
VKEY="$KEY_NAME+$KEY_ID+$( (printf '\001'; cat bank-a.pub) | base64 | tr -d '\n')"
# key]

# [sign
# sign_text FILE: prints a signature header's value, `<key name> <base64(key id, signature)>`.
sign_text() {
    openssl pkeyutl -sign -rawin -inkey bank-a.pem -in "$1" -out "$1.sig"
    printf '%s %s' "$KEY_NAME" "$( (xxd -r -p <<<"$KEY_ID"; cat "$1.sig") | base64 | tr -d '\n')"
}
# sign]

# [uuid
# A UUIDv7: 48 bits of milliseconds, then random bits around version and variant.
uuid7() {
    local time random
    time=$(printf '%012x' "$(date +%s%3N)")
    random=$(openssl rand -hex 10)
    echo "${time:0:8}-${time:8:4}-7${random:0:3}-8${random:3:3}-${random:6:12}"
}
# uuid]

# [statement
# statement BODY: what a submission's signers sign; every line ends with a line feed.
statement() {
    printf '%s\n' 'quittance submission v1' "$ORIGIN" "$GENESIS" bank-a application/json \
        "$(sha256sum "$1" | cut -c 1-64 | xxd -r -p | base64)"
}
# statement]

# [post
# post BODY SIGNATURE: sends it; the answer lands in answer.json, the headers in answer.headers.
post() {
    curl -sS -o answer.json -D answer.headers -w '%{http_code}' "$API/v1/submissions" \
        -H 'Content-Type: application/json' -H 'Quittance-Submitter: bank-a' \
        -H "Quittance-Signature: $2" --data-binary "@$1"
}
# post]

# [message
# message FILE MESSAGE_ID INSTRUCTIONS: writes a body.
message() {
    printf '{"message_id":"%s","created":"%s","nonce":"%s","instructions":[%s]}' \
        "$2" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(openssl rand -base64 16)" "$3" >"$1"
}

transfer() {
    printf '{"transfer":{"id":"%s","legs":[{"debit":"bank-a:usd","credit":"bank-b:usd","asset":"USD","amount":"%s"}]}}' \
        "$(uuid7)" "$1"
}
# message]

checkpoint_size() {
    curl -fsS "$API/log/checkpoint" | sed -n 2p
}

# [log
curl -fsS "$API/v1/log" >log.json
ORIGIN=$(json_text origin <log.json)
GENESIS=$(json_text genesis_hash <log.json)
# log]
passed "key $KEY_ID, made with openssl, named by sha256sum"

# --- the operator's side: registers the banks and brings funds in -------------------------------

openssl genpkey -algorithm ed25519 -outform DER -out bank-b.der
openssl pkey -inform DER -in bank-b.der -pubout -outform DER | tail -c 32 >bank-b.pub
ID_B=$( (printf 'bank-b/openssl-1\n\001'; cat bank-b.pub) | sha256sum | cut -c 1-8)
VKEY_B="bank-b/openssl-1+$ID_B+$( (printf '\001'; cat bank-b.pub) | base64 | tr -d '\n')"

message onboarding.json onboarding-1 "$(printf '%s,' \
    "{\"add_asset\":{\"id\":\"$(uuid7)\",\"asset\":\"USD\",\"module\":\"fiat\"}}" \
    "{\"add_participant\":{\"id\":\"$(uuid7)\",\"participant\":\"bank-a\",\"role\":\"bank\",\"keys\":[\"$VKEY\"],\"threshold\":1}}" \
    "{\"add_participant\":{\"id\":\"$(uuid7)\",\"participant\":\"bank-b\",\"role\":\"bank\",\"keys\":[\"$VKEY_B\"],\"threshold\":1}}" \
    "{\"open_account\":{\"id\":\"$(uuid7)\",\"address\":\"bank-a:usd\",\"owner\":\"bank-a\",\"kind\":\"settlement\",\"asset\":\"USD\"}}" \
    "{\"open_account\":{\"id\":\"$(uuid7)\",\"address\":\"bank-b:usd\",\"owner\":\"bank-b\",\"kind\":\"settlement\",\"asset\":\"USD\"}}" \
    )$(printf '{"issue":{"id":"%s","account":"bank-a:usd","amount":"10000.00"}}' "$(uuid7)")"
operator "$FOLDER/onboarding.json" >onboarding.answer
[[ $(grep -o '"code": *"[A-Z_]*"' onboarding.answer | grep -cE '"(APPLIED|SETTLED)"') == 6 ]] ||
    fail "onboarding: $(cat onboarding.answer)"
passed "the operator registered bank-a and bank-b"

# --- the bank again ----------------------------------------------------------------------------

# [settle
message body.json "$(date -u +%Y-%m-%d)-000017" "$(transfer 1250.00)"
statement body.json >body.statement
SIGNATURE=$(sign_text body.statement)
STATUS=$(post body.json "$SIGNATURE")
# settle]
[[ $STATUS == 201 ]] || fail "status $STATUS: $(cat answer.json)"
grep -q '"code": *"SETTLED"' answer.json || fail "not settled: $(cat answer.json)"
passed "settled: 201, $(grep -o '"index": *[0-9]*' answer.json | head -1)"

# The receipt is the last field of the answer.
sed 's/.*"receipt": *//; s/}$//' answer.json >receipt.json
cp answer.json first.json

STATUS=$(post body.json "$SIGNATURE")
[[ $STATUS == 200 ]] || fail "sent again: status $STATUS: $(cat answer.json)"
grep -qi '^quittance-replayed: true' answer.headers || fail "sent again: $(cat answer.headers)"
[[ $(sed 's/,"receipt".*//' answer.json) == "$(sed 's/,"receipt".*//' first.json)" ]] ||
    fail "sent again: another answer: $(cat answer.json)"
passed "sent again: 200, the same answer, Quittance-Replayed"

SIZE=$(checkpoint_size)
message other.json "$(date -u +%Y-%m-%d)-000018" "$(transfer 1.00)"
STATUS=$(post other.json "$SIGNATURE")
[[ $STATUS == 401 ]] || fail "a wrong signature: status $STATUS: $(cat answer.json)"
grep -q '"code": *"SIGNATURE_INVALID"' answer.json || fail "a wrong signature: $(cat answer.json)"
[[ $(checkpoint_size) == "$SIZE" ]] || fail "a wrong signature was logged"
passed "a wrong signature: 401, nothing logged"

"$QUITTANCE" receipt verify receipt.json --log-vkey "$FOLDER/node/data/log.vkey" >verified.txt ||
    fail "the receipt does not verify: $(cat receipt.json)"
passed "the receipt verifies"

# [session
printf '%s\n' 'quittance session v1' "$ORIGIN" "$GENESIS" bank-a \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(openssl rand -base64 16)" >session
(cat session; printf '\n\342\200\224 %s\n' "$(sign_text session)") >session.note
TOKEN=$(curl -fsS "$API/v1/sessions" -H 'Content-Type: text/plain' \
    --data-binary @session.note | json_text token)
curl -fsS "$API/v1/accounts/bank-a:usd" -H "Authorization: Bearer $TOKEN" >account.json
# session]
grep -q '"posted": *"8750.00"' account.json || fail "the balance: $(cat account.json)"
passed "a session reads the balance"

echo "openssl.sh: all checks passed"
