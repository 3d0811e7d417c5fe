"""What is in images, and how large they may be."""

load("//image/private:size_test.bzl", _image_size_test = "image_size_test")
load("//layers/private:report.bzl", _image_report = "image_report")

image_report = _image_report
image_size_test = _image_size_test
