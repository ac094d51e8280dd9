#!/usr/bin/env bash
# A gate from end to end: figures are kept, a harmless change passes, a loss is caught and named. usage: gate.sh [RETWIN]
set -euo pipefail
retwin=$(readlink -f "${1:-build/release/retwin}")
plants=$(dirname "$(readlink -f "$0")")/../../scenarios/plants
cd "$(mktemp -d)"
short=(--duration "3 weeks" --warmup "1 week")
mkdir plants
printf 'extends: %s\nrun: {duration: 3 weeks, warmup: 1 week}\n' "$plants/line.yaml" >plants/line.yaml

echo "== keep the figures of the line"
"$retwin" regress plants/line.yaml --baseline baselines --update

echo "== nothing has changed: identical at once"
"$retwin" regress plants/line.yaml --baseline baselines

echo "== a slower mill: caught, with exit code 4"
printf 'stations: {mill: {duration: 1.1 min}}\n' >>plants/line.yaml
code=0
"$retwin" regress plants/line.yaml --baseline baselines --junit regress.xml || code=$?
[ "$code" = 4 ]
grep -c '<failure' regress.xml

echo "== two ways out, compared"
"$retwin" compare "$plants/line.yaml" "${short[@]}" --variant-set "stations.wash.buffer=40" \
  --variant-set "stations.mill.fails.breakdown.repair={exponential: 30 min}" --fail-if "products < -1 %"
