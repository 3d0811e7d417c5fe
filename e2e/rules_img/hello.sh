#!/usr/bin/env bash
echo "hello from $(cd "$(dirname "$0")" && pwd)"
