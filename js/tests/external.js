console.log("external");
