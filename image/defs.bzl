"""Images, what is in them, and how large they may be."""

load("//image/private:size_test.bzl", _image_size_test = "image_size_test")
load("//image/private:whole_image.bzl", _image = "image")
load("//layers/private:report.bzl", _image_report = "image_report")

image = _image
image_report = _image_report
image_size_test = _image_size_test
