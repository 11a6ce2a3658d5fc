#!/usr/bin/env bash
# Writes the places where the main dashboard must lie a second time, from dashboards/main-dashboard.json:
# the ConfigMap k8s/grafana-dashboard.yaml and the readable copy docs/dashboards/main-dashboard.json.
# Usage: dashboard-copies.sh   (a test of the portal crate fails when it was forgotten)
set -eu
cd "$(dirname "$0")/.."
source=dashboards/main-dashboard.json
mkdir -p docs/dashboards k8s
cp "$source" docs/dashboards/main-dashboard.json
{
  cat <<'YAML'
# Written by scripts/dashboard-copies.sh from dashboards/main-dashboard.json; change that file.
#
# The main dashboard with its provider. Mounted as a folder, each entry is a file; mounted as it is
# (a Compose file may do that), Orrery reads the entries out of the manifest.
apiVersion: v1
kind: ConfigMap
metadata:
  name: grafana-dashboard
  labels:
    app: grafana
    grafana_dashboard: "1"
  annotations:
    description: Dashboard provisioning of the enhancement platform
data:
  main.yaml: |
    apiVersion: 1
    providers:
      - name: main
        orgId: 1
        folder: ""
        type: file
        disableDeletion: false
        allowUiUpdates: true
        updateIntervalSeconds: 30
        options:
          path: /etc/grafana/provisioning/dashboards
  main-dashboard.json: |
YAML
  sed 's/^./    &/' "$source"
} >k8s/grafana-dashboard.yaml
