# Starts and stops a sandbox node of one's own; to be sourced. QUITTANCE names the binary.
#
#     start_node FOLDER     sets NODE_PID and API (http://127.0.0.1:PORT)
#     stop_node             ends it, by its process id
#     operator FILE         submits a message as the operator would; prints the answer
#     operator --instruction JSON    the same for an instruction

: "${QUITTANCE:?must name the quittance binary}"
QUITTANCE=$(realpath "$QUITTANCE")
NODE_PID=""

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

passed() {
    echo "ok   $*"
}

# json_text KEY: the first text of that name in the JSON on standard input.
json_text() {
    tr -d '\n' | sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"
}

start_node() {
    NODE_FOLDER=$1
    mkdir -p "$NODE_FOLDER"
    (
        cd "$NODE_FOLDER"
        exec env QUITTANCE__API__LISTEN=127.0.0.1:0 QUITTANCE__ADMIN__LISTEN=127.0.0.1:0 \
            "$QUITTANCE" run
    ) >"$NODE_FOLDER/node.log" 2>&1 &
    NODE_PID=$!
    local address
    for _ in $(seq 600); do
        kill -0 "$NODE_PID" 2>/dev/null || break
        if [[ -s $NODE_FOLDER/data/run.json ]]; then
            address=$(json_text public <"$NODE_FOLDER/data/run.json")
            API="http://$address"
            if curl -fsS -o "$NODE_FOLDER/log.json" "$API/v1/log" 2>/dev/null; then
                return
            fi
        fi
        sleep 0.1
    done
    cat "$NODE_FOLDER/node.log" >&2
    fail "the node did not start"
}

stop_node() {
    if [[ -n $NODE_PID ]]; then
        kill "$NODE_PID" 2>/dev/null || true
        wait "$NODE_PID" 2>/dev/null || true
        NODE_PID=""
    fi
}

operator() {
    (
        cd "$NODE_FOLDER"
        "$QUITTANCE" submit "$@" --as operators \
            --key data/keys/operator-1.pem --log-vkey data/log.vkey --output json
    )
}
