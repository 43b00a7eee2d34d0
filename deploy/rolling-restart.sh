#!/bin/sh
# Replace running instances by new ones, one after the other: rolling-restart.sh 8001 8002
# Each is gone only once its handlers have ended, and the next one's turn comes when it answers again.
set -eu
host=${STREAMSYNC_HEALTH_HOST:-localhost}
for port in "$@"; do
    systemctl restart "streamsync@$port"
    tries=0
    until curl --fail --silent --max-time 5 --output /dev/null --header "Host: $host" "http://127.0.0.1:$port/-/health/"; do
        tries=$((tries + 1))
        [ "$tries" -lt 120 ] || { echo "the instance on port $port does not come up" >&2; exit 1; }
        sleep 0.5
    done
done
