#!/bin/sh
# HTTP/2 as curl speaks it: chosen in the handshake, many requests on one connection, a download that
# is slower than an idle connection may be.
# Usage: http2.sh HOST:PORT CA.pem SECONDS   (an idle connection ends after fewer seconds)
set -eu
to=$1 ca=$2 seconds=$3
get() { curl -sS --http2 --cacert "$ca" --max-time 120 "$@"; }

got=$(get -o /dev/null -w '%{http_version} %{http_code}' "https://$to/v1/log")
[ "$got" = "2 200" ] || { echo "http/2: expected 2 200, got $got" >&2; exit 1; }
echo "http/2: $got"

many=$(get --parallel --parallel-max 50 -o /dev/null -w '%{http_version} %{http_code} %{num_connects}\n' \
    "https://$to/log/checkpoint?n=[1-200]" | sort | uniq -c | awk '{ print $2, $3, $1 * ($4 == 0) }')
reused=$(echo "$many" | awk '$1 == 2 && $2 == 200 { n += $3 } END { print n }')
[ "$reused" -ge 150 ] || { echo "http/2: streams on open connections: $many" >&2; exit 1; }
echo "http/2: $reused of 200 requests went through an open connection"

size=$(get -o /dev/null -w '%{size_download}' "https://$to/docs/swagger-ui-bundle.js")
slow=$(get --limit-rate $((size / seconds)) -o /dev/null -w '%{size_download}' \
    "https://$to/docs/swagger-ui-bundle.js")
[ "$slow" = "$size" ] || { echo "http/2: a slow download ended at $slow of $size" >&2; exit 1; }
echo "http/2: $size bytes in about $seconds s"
