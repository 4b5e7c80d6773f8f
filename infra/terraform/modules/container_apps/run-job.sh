#!/bin/sh
# Starts a Container Apps job and waits for its end: SUBSCRIPTION, RESOURCE_GROUP and JOB name it.
set -eu

if ! command -v az >/dev/null; then
  echo "The Azure CLI is not installed here. Install it, or set run_migrations = false and start $JOB by hand." >&2
  exit 1
fi

job() { az containerapp job "$@" --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --name "$JOB" --only-show-errors --output tsv; }

execution=$(job start --query name)
echo "Started $execution; waiting for its end."

waited=0
while [ "$waited" -lt 2100 ]; do
  status=$(job execution show --job-execution-name "$execution" --query properties.status)
  case $status in
    Succeeded)
      echo "$execution succeeded."
      exit 0
      ;;
    Failed | Stopped | Degraded)
      echo "$execution ended as $status. What it said: az containerapp job logs show --subscription $SUBSCRIPTION --resource-group $RESOURCE_GROUP --name $JOB --execution $execution --container ${JOB##*-}" >&2
      exit 1
      ;;
  esac
  sleep "${POLL_SECONDS:-10}"
  waited=$((waited + 10))
done
echo "$execution is still $status after 35 minutes." >&2
exit 1
