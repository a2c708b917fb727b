/** Who may use the fake of S3, and its bucket: in a file of their own, as not every runtime has what the fake is made of. */
export const ACCOUNT = { accessKeyId: "AKIAFAKE", secretAccessKey: "s/e+cret" };
export const BUCKET = "ferrite";
