#!/bin/sh
echo serves "$@"
