#!/bin/sh
# TLS as OpenSSL sees it: 1.3 and 1.2 are spoken, 1.1 and 1.0 are not.
# Usage: tls.sh HOST:PORT CA.pem
set -eu
to=$1 ca=$2
speak() { # version, expected (yes|no)
    if printf 'GET /v1/log HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        timeout 20 openssl s_client -connect "$to" -servername localhost -CAfile "$ca" \
            -verify_return_error -quiet "-$1" -cipher 'DEFAULT:@SECLEVEL=0' 2>/dev/null |
        grep -q '^HTTP/1.1 200'; then got=yes; else got=no; fi
    [ "$got" = "$2" ] || { echo "tls $1: expected $2, got $got" >&2; exit 1; }
    echo "tls $1: $got"
}
speak tls1_3 yes
speak tls1_2 yes
speak tls1_1 no
speak tls1 no
